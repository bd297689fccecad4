package io.faultd.rollback;

import io.faultd.fault.Undo;
import io.faultd.linux.file.FileIdentity;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32;

/**
 * Durable notes about bytes that are just being taken out of files: one file for each, named by
 * inode and step.
 *
 * @param folder of ours, outlives us
 * @param room makes some if the disk is full; whether it did
 */
record Scratch(Path folder, BooleanSupplier room) {
  private static final int MAGIC = 0xfa017d01;
  private static final String UNFINISHED = ".new";

  /** Whose the note of a step is. */
  static String name(Undo.BytesAppended step) {
    CRC32 sum = new CRC32();
    sum.update((who(step.file()) + " " + step.before() + " ").getBytes(StandardCharsets.UTF_8));
    sum.update(step.bytes().getBytes(StandardCharsets.US_ASCII));
    if (step.rounds() != null) {
      sum.update(step.rounds().digest().getBytes(StandardCharsets.US_ASCII));
    }
    return prefix(step.file()) + step.before() + "-" + Long.toHexString(sum.getValue());
  }

  static String who(FileIdentity file) {
    return file.inode() + " " + file.handle() + " " + file.mountSource();
  }

  private static String prefix(FileIdentity file) {
    return "tail-" + file.inode() + "-";
  }

  /** Keeps a note with all that followed; it is on the disk when this returns. */
  void keep(String name, Excision excision, Excision.Tail followed) throws IOException {
    try {
      write(name, excision, followed);
    } catch (IOException e) {
      if (!room.getAsBoolean()) {
        throw e;
      }
      write(name, excision, followed);
    }
    Files.move(unfinished(name), folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    sync();
  }

  private void write(String name, Excision excision, Excision.Tail followed) throws IOException {
    Path unfinished = unfinished(name);
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      DataOutputStream out = new DataOutputStream(Channels.newOutputStream(channel));
      out.write(head(excision));
      followed.each(excision.tail(), (at, bytes) -> out.write(bytes));
      byte[] capabilities = excision.leaving().capabilities();
      if (capabilities != null) {
        out.write(ByteBuffer.allocate(4).putInt(capabilities.length).array());
        out.write(capabilities);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
  }

  private static byte[] head(Excision excision) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(MAGIC);
    out.writeUTF(excision.file());
    out.writeLong(excision.place());
    out.writeLong(excision.leaving().modified());
    out.writeInt(excision.ours().length);
    out.write(excision.ours());
    out.writeInt(Math.toIntExact(excision.tail()));
    return bytes.toByteArray();
  }

  /** The note of this name about this file, if there is one. */
  Optional<Kept> find(String name, FileIdentity file) throws IOException {
    Path path = folder.resolve(name);
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    boolean found = false;
    try {
      Kept kept = Kept.of(channel, path);
      // else the inode number was given to another file since
      found = kept.excision.file().equals(who(file));
      return found ? Optional.of(kept) : Optional.empty();
    } finally {
      if (!found) {
        channel.close();
      }
    }
  }

  /**
   * A note that is there.
   *
   * @param excision what was to be done
   * @param channel open on the note
   * @param begin where in it the bytes are that followed
   */
  record Kept(Excision excision, FileChannel channel, long begin)
      implements Excision.Tail, AutoCloseable {

    private static Kept of(FileChannel channel, Path path) throws IOException {
      DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
      if (in.readInt() != MAGIC) {
        throw new IOException(path + ": is not ours, or of a newer version");
      }
      String who = in.readUTF();
      long place = in.readLong();
      long modified = in.readLong();
      byte[] ours = in.readNBytes(in.readInt());
      int tail = in.readInt();
      long begin = channel.position();
      byte[] capabilities = null;
      if (channel.size() > begin + tail) {
        channel.position(begin + tail);
        capabilities = in.readNBytes(in.readInt());
      }
      Excision.Leaving leaving = new Excision.Leaving(modified, capabilities);
      return new Kept(new Excision(who, place, ours, tail, leaving), channel, begin);
    }

    @Override
    public byte[] read(long from, int length) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(Math.clamp(excision.tail() - from, 0, length));
      while (bytes.hasRemaining() && channel.read(bytes, begin + from + bytes.position()) > 0) {
        // more is to come
      }
      if (bytes.hasRemaining()) {
        throw new EOFException("a note in the scratch folder is too short");
      }
      return bytes.array();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** The name of another note about this file. */
  Optional<String> other(FileIdentity file, String mine) throws IOException {
    try (DirectoryStream<Path> notes = Files.newDirectoryStream(folder, prefix(file) + "*")) {
      for (Path note : notes) {
        String name = String.valueOf(note.getFileName());
        if (!name.equals(mine) && !name.endsWith(UNFINISHED) && about(name, file)) {
          return Optional.of(name);
        }
      }
    }
    return Optional.empty();
  }

  /** Whether there is a note of this name about this file. */
  private boolean about(String name, FileIdentity file) throws IOException {
    Optional<Kept> note = find(name, file);
    if (note.isPresent()) {
      note.get().close();
    }
    return note.isPresent();
  }

  /** Whether our bytes, or those of another step, are half out of a file. */
  boolean begun(FileIdentity file) throws IOException {
    return other(file, "").isPresent();
  }

  /** Drops a note, and what a death left of one that was being written. */
  void drop(String name) throws IOException {
    boolean dropped = false;
    for (Path each : List.of(unfinished(name), folder.resolve(name))) {
      // on a read-only disk even what is not there cannot be deleted
      dropped |= Files.exists(each) && Files.deleteIfExists(each);
    }
    if (dropped) {
      sync();
    }
  }

  private Path unfinished(String name) {
    return folder.resolve(name + UNFINISHED);
  }

  private void sync() throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
