package io.faultd.rollback;

import io.faultd.fault.Undo;
import io.faultd.linux.file.FileIdentity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Durable notes about bytes that are just being taken out of files: one file for each, named by
 * inode and step.
 *
 * @param folder of ours, outlives us
 */
record Scratch(Path folder) {
  private static final int MAGIC = 0xfa017d01;

  /** Whose the note of a step is. */
  static String name(Undo.BytesAppended step) {
    CRC32 sum = new CRC32();
    sum.update((who(step.file()) + " " + step.before() + " ").getBytes(StandardCharsets.UTF_8));
    sum.update(step.bytes().getBytes(StandardCharsets.US_ASCII));
    return prefix(step.file()) + step.before() + "-" + Long.toHexString(sum.getValue());
  }

  static String who(FileIdentity file) {
    return file.inode() + " " + file.handle() + " " + file.mountSource();
  }

  private static String prefix(FileIdentity file) {
    return "tail-" + file.inode() + "-";
  }

  /** Keeps a note; it is on the disk when this returns. */
  void keep(String name, Excision excision) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(MAGIC);
    out.writeUTF(excision.file());
    out.writeLong(excision.place());
    out.writeLong(excision.modified());
    out.writeInt(excision.ours().length);
    out.write(excision.ours());
    out.writeInt(excision.tail().length);
    out.write(excision.tail());
    Path unfinished = folder.resolve(name + ".new");
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes.toByteArray());
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    Files.move(unfinished, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    sync();
  }

  /** The note of this name about this file, if there is one. */
  Optional<Excision> find(String name, FileIdentity file) throws IOException {
    Path path = folder.resolve(name);
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(path)));
    if (in.readInt() != MAGIC) {
      throw new IOException(path + ": is not ours, or of a newer version");
    }
    String who = in.readUTF();
    long place = in.readLong();
    long modified = in.readLong();
    byte[] ours = in.readNBytes(in.readInt());
    byte[] tail = in.readNBytes(in.readInt());
    // the inode number was given to another file since
    return who.equals(who(file))
        ? Optional.of(new Excision(who, place, ours, tail, modified))
        : Optional.empty();
  }

  /** The name of another note about this file. */
  Optional<String> other(FileIdentity file, String mine) throws IOException {
    try (DirectoryStream<Path> notes = Files.newDirectoryStream(folder, prefix(file) + "*")) {
      for (Path note : notes) {
        String name = String.valueOf(note.getFileName());
        if (!name.equals(mine) && !name.endsWith(".new") && find(name, file).isPresent()) {
          return Optional.of(name);
        }
      }
    }
    return Optional.empty();
  }

  /** Drops a note. */
  void drop(String name) throws IOException {
    if (Files.deleteIfExists(folder.resolve(name))) {
      sync();
    }
  }

  private void sync() throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
