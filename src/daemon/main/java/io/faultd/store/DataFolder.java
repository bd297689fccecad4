package io.faultd.store;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.Fd;
import io.faultd.linux.file.Flock;
import io.faultd.linux.file.Mount;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Private;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The folder that survives the daemon: database, lock, reserve and scratch, for root only.
 *
 * <p>One daemon at a time; it holds the lock until it ends, however it ends.
 */
public final class DataFolder implements AutoCloseable {
  /** The name of the database in the folder. */
  public static final String DATABASE = "faultd.db";

  private static final Set<String> FLEETING =
      Set.of("tmpfs", "ramfs", "overlay", "aufs", "fuse.fuse-overlayfs");

  /** What the kubelet names the volumes that end with their pod, wherever they are. */
  private static final String EMPTY_DIR = "/kubernetes.io~empty-dir/";

  private static final List<String> NAMES =
      List.of("lock", DATABASE, "faultd.db-wal", "faultd.db-shm", "reserve", "scratch", "lib");
  private static final int RESERVE = 64 * 1024;

  private final Path folder;
  private final Flock lock;

  /**
   * Opens the folder, and makes it if there is none.
   *
   * @throws IOException if another daemon has it, or it cannot be written; says which
   */
  public DataFolder(Path folder) throws IOException {
    this.folder = folder.toAbsolutePath();
    folder(this.folder);
    own(this.folder);
    for (String name : NAMES) {
      own(this.folder.resolve(name));
    }
    // the folder may have been there before, open to all: what is in it holds pieces of files
    folder(scratch());
    this.lock =
        Flock.take(this.folder.resolve("lock").toString())
            .orElseThrow(() -> new IOException(this.folder + " is in use by another faultd"));
    if (!Files.exists(database())) {
      Files.createFile(database(), mode("rw-------"));
    }
    reserve();
  }

  /** What others can change is none of ours: they would say what is undone, and where. */
  private static void own(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Optional<String> flaw = Private.flawUnderOneName(path);
    if (flaw.isPresent()) {
      throw new IOException(
          "data.dir: %s %s; use a folder that only root can change".formatted(path, flaw.get()));
    }
  }

  private static FileAttribute<Set<PosixFilePermission>> mode(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  /** Makes a folder for root only, unless there is one. */
  public static void folder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, mode("rwx------"));
    }
  }

  /** The database. */
  Path database() {
    return folder.resolve(DATABASE);
  }

  /** Where a rollback keeps what it moves; survives a death. */
  public Path scratch() {
    return folder.resolve("scratch");
  }

  /** Where the library of sqlite-jdbc is unpacked; emptied, for a death leaves it there. */
  Path libraries() throws IOException {
    Path libraries = folder.resolve("lib");
    folder(libraries);
    // never another's file: a data.dir may be any folder, and have a lib of its own
    try (var left = Files.newDirectoryStream(libraries, "*libsqlitejdbc.so*")) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
    return libraries;
  }

  /** Why it may be gone after a reboot; empty if it stays. */
  Optional<String> ephemeral() {
    try (Fd handle = Open.path(folder.toString())) {
      return Mount.of(handle, Mount.all())
          .flatMap(DataFolder::fleeting)
          .map(kind -> folder + " is on " + kind + " and may be gone after a restart");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it is that does not stay; empty if it does. */
  static Optional<String> fleeting(Mount mount) {
    if (mount.root().contains(EMPTY_DIR)) {
      return Optional.of("an emptyDir of Kubernetes");
    }
    return Optional.of(mount.type()).filter(FLEETING::contains);
  }

  /** Keeps 64 KiB, to be given back when the disk is full and an undo must be written. */
  void reserve() {
    Path reserve = folder.resolve("reserve");
    try {
      if (!Files.exists(reserve) || Files.size(reserve) < RESERVE) {
        Files.write(reserve, new byte[RESERVE]);
      }
    } catch (IOException full) {
      release();
    }
  }

  /** Whether there is no room for what SQLite writes at once. */
  boolean full() {
    try {
      return Files.getFileStore(folder).getUsableSpace() < RESERVE;
    } catch (IOException e) {
      return false;
    }
  }

  /** Gives the reserve back if the disk is full; whether it did. */
  public boolean room() {
    return full() && release();
  }

  /** Gives the reserve back; whether there was one. */
  private boolean release() {
    try {
      return Files.deleteIfExists(folder.resolve("reserve"));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * A name for one file however often its path is given to another.
   *
   * @throws FaultException STORE_UNAVAILABLE if there is no such file
   */
  static String inode(Path file) {
    try {
      return String.valueOf(Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    } catch (IOException e) {
      throw new FaultException(
          Reason.STORE_UNAVAILABLE, "the database " + file + " is gone; restart faultd");
    }
  }

  @Override
  public void close() {
    lock.close();
  }
}
