package io.faultd.fault;

import io.faultd.linux.Mark;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.ns.NetworkIdentity;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.tc.Band;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One change, told so that it can be taken back: which thing, how it was before, how it is after.
 *
 * <p>Records only. Each names exactly one thing by an identity that survives reuse of its number or
 * name, and may be undone any number of times. How is {@code rollback}'s business.
 */
public sealed interface Undo {
  /** When the step loses its meaning. */
  enum Lifetime {
    /** With the boot: processes, namespaces, mounts, clocks. */
    BOOT,
    /** With the thing itself: files. */
    DISK
  }

  /** When the step loses its meaning. */
  default Lifetime lifetime() {
    return Lifetime.DISK;
  }

  /**
   * Whether it has lost its meaning.
   *
   * @param announced the boot that it was announced in
   * @param now the boot that this is
   */
  default boolean over(String announced, String now) {
    return lifetime() == Lifetime.BOOT && !announced.equals(now);
  }

  /** The shared thing that this step is a member's part of (see {@link Injection#join}). */
  default Optional<String> joins() {
    return Optional.empty();
  }

  /**
   * Whether this step must stay as long as a later one of its experiment is not undone, because
   * that one needs what this one made.
   */
  default boolean carries(Undo later) {
    return false;
  }

  /** The change, as one that is made: {@code process 12 (sh) stopped}; for plans and residue. */
  String describe();

  /**
   * A process that was stopped.
   *
   * @param process which
   * @param name its command name
   */
  @Wire(kind = "process.stopped", version = 1)
  record ProcessStopped(ProcessIdentity process, String name) implements Undo {
    @Override
    public Lifetime lifetime() {
      return Lifetime.BOOT;
    }

    @Override
    public String describe() {
      return "process " + process.pid() + " (" + name + ") stopped";
    }
  }

  /**
   * A control group whose processes were frozen.
   *
   * @param folder where it is mounted
   * @param unified whether it is of version 2
   * @param key device and inode of its folder
   * @param init the process that it ends with
   * @param name what it is the group of
   */
  @Wire(kind = "cgroup.frozen", version = 1)
  record GroupFrozen(String folder, boolean unified, String key, ProcessIdentity init, String name)
      implements Undo {
    @Override
    public Lifetime lifetime() {
      return Lifetime.BOOT;
    }

    @Override
    public String describe() {
      return name + " frozen";
    }
  }

  /**
   * A file whose permission bits were changed.
   *
   * @param file which
   * @param before its mode (12 bits)
   * @param after the mode that we set
   */
  @Wire(kind = "file.mode", version = 1)
  record FileMode(FileIdentity file, int before, int after) implements Undo {
    @Override
    public String describe() {
      return "mode of %s: %04o to %04o".formatted(file.path(), before, after);
    }
  }

  /**
   * A file or folder that was renamed, to a hidden name of ours or to another folder.
   *
   * @param file what was renamed
   * @param folder where it was
   * @param name what it was called
   * @param newFolder where it is
   * @param newName what it is called now
   */
  @Wire(kind = "file.renamed", version = 1)
  record FileRenamed(
      FileIdentity file, FileIdentity folder, String name, FileIdentity newFolder, String newName)
      implements Undo {
    @Override
    public String describe() {
      return "%s/%s moved to %s/%s".formatted(folder.path(), name, newFolder.path(), newName);
    }
  }

  /**
   * A file that was made: nameless or under a hidden name first, so that it was known before it was
   * there for others.
   *
   * @param file the new file
   * @param folder where it was linked
   * @param name its name
   * @param hidden the name it had first, if the file system has no nameless files
   * @param size its bytes
   * @param modified its mtime in nanoseconds since the epoch
   */
  @Wire(kind = "file.made", version = 1)
  record FileMade(
      FileIdentity file,
      FileIdentity folder,
      String name,
      @Nullable String hidden,
      long size,
      long modified)
      implements Undo {
    @Override
    public String describe() {
      return folder.path() + "/" + name + " made";
    }
  }

  /**
   * A name that nothing had, given to something of ours; announced before that has an inode.
   *
   * @param folder where
   * @param hidden a {@link io.faultd.linux.Mark}
   * @param purpose what it is, for people
   */
  @Wire(kind = "file.hidden", version = 1)
  record HiddenEntry(FileIdentity folder, String hidden, String purpose) implements Undo {
    /** A note is all that tells a sweep the name of what is hidden beside it. */
    @Override
    public boolean carries(Undo later) {
      return later instanceof FileRenamed renamed
          && renamed.newFolder().same(folder)
          && Mark.of(renamed.newName()).isPresent();
    }

    @Override
    public String describe() {
      return "%s, as %s/%s".formatted(purpose, folder.path(), hidden);
    }
  }

  /**
   * A folder that was made.
   *
   * @param made the new folder
   * @param folder where it is
   * @param name its name
   */
  @Wire(kind = "folder.made", version = 1)
  record FolderMade(FileIdentity made, FileIdentity folder, String name) implements Undo {
    @Override
    public boolean carries(Undo later) {
      return later instanceof FileRenamed renamed && renamed.newFolder().same(made)
          || later instanceof FileMade file && file.folder().same(made)
          || later instanceof FolderMade below && below.folder().same(made)
          || later instanceof HiddenEntry entry && entry.folder().same(made);
    }

    @Override
    public String describe() {
      return "folder " + folder.path() + "/" + name + " made";
    }
  }

  /**
   * Packets of an interface that a tree of ours holds, loses or limits.
   *
   * @param network the namespace
   * @param index of the interface
   * @param name of the interface
   * @param band which packets, and what happens to them
   */
  @Wire(kind = "network.band", version = 1)
  record PacketBand(NetworkIdentity network, int index, String name, Band band) implements Undo {
    /** The name of what all bands of an interface share. */
    public static String key(NetworkIdentity network, int index) {
      return "queueing:" + network.key() + ":" + index;
    }

    @Override
    public Lifetime lifetime() {
      return Lifetime.BOOT;
    }

    @Override
    public Optional<String> joins() {
      return Optional.of(key(network, index));
    }

    @Override
    public String describe() {
      return "packets sent by " + name + ": " + band.describe();
    }
  }

  /**
   * Bytes that were added to the end of a file.
   *
   * @param file which
   * @param bytes the bytes, in base 64; with {@code rounds} only their beginning
   * @param before its size before, the earliest place where they can be
   * @param offset where they are; absent until made
   * @param modified its mtime right after, in nanoseconds since the epoch; absent until made
   * @param rounds what is known of them if they are more than {@code bytes}
   * @param capabilities of the file before (the attribute {@code security.capability}), in base 64:
   *     each write takes them away
   */
  @Wire(kind = "file.appended-bytes", version = 1)
  record BytesAppended(
      FileIdentity file,
      String bytes,
      long before,
      @Nullable Long offset,
      @Nullable Long modified,
      @Nullable Rounds rounds,
      @Nullable String capabilities)
      implements Undo {

    /** Bytes that are all known, added to a file that has no capabilities. */
    public BytesAppended(
        FileIdentity file,
        String bytes,
        long before,
        @Nullable Long offset,
        @Nullable Long modified) {
      this(file, bytes, before, offset, modified, null, null);
    }

    /**
     * Many bytes, told in few: those of several rounds, one right behind the other.
     *
     * @param length how many
     * @param digest their SHA-256, in hexadecimal digits
     */
    public record Rounds(long length, String digest) {}

    /** With its handle, for an inode number may be given to another file while this one is here. */
    @Override
    public Optional<String> joins() {
      return Optional.of("content:" + file.key() + ":" + file.handle());
    }

    /** How many bytes. */
    public long length() {
      return rounds == null ? known() : rounds.length();
    }

    /** How many bytes {@code bytes} is. */
    private long known() {
      int padding = bytes.endsWith("==") ? 2 : bytes.endsWith("=") ? 1 : 0;
      return bytes.length() / 4 * 3L - padding;
    }

    /** Where they are, or the earliest place where they can be. */
    public long place() {
      return offset == null ? before : offset;
    }

    @Override
    public String describe() {
      return "%d bytes appended to %s".formatted(length(), file.path());
    }
  }
}
