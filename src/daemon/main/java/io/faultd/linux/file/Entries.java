package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/** Names in folders: links, renames, removals. Nothing is ever followed or replaced. */
public final class Entries {
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_FOLLOW = 0x400;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int RENAME_NOREPLACE = 1;
  private static final int FIFO = 0010000;
  private static final int DT_UNKNOWN = 0;
  private static final int DT_DIR = 4;
  private static final Calls C = Native.bind(Calls.class);

  private Entries() {}

  /** Gives an open file (also a nameless one) a name; EEXIST if that is taken. */
  public static void link(Fd file, Fd folder, String name, String path) throws LinuxException {
    Native.check(
        "linkat",
        C.linkat(
            AT_FDCWD,
            Native.text(file.link()),
            folder.number(),
            Native.text(name),
            AT_SYMLINK_FOLLOW),
        path);
  }

  /** Renames; EEXIST if the new name is taken. */
  public static void rename(Fd folder, String name, Fd newFolder, String newName)
      throws LinuxException {
    byte[] from = Native.text(name);
    byte[] to = Native.text(newName);
    int done = C.renameat2(folder.number(), from, newFolder.number(), to, RENAME_NOREPLACE);
    if (done == -1 && Native.errno() == Errno.EINVAL.number()) {
      // a file system without the flag (or a folder into itself, which fails again below)
      if (Stat.of(newFolder, newName, newName).isPresent()) {
        throw new LinuxException("renameat2", Errno.EEXIST.number(), newName);
      }
      done = C.renameat2(folder.number(), from, newFolder.number(), to, 0);
    }
    Native.check("renameat2", done, name);
  }

  /** Removes a name of something that is no folder. */
  public static void unlink(Fd folder, String name, String path) throws LinuxException {
    Native.check("unlinkat", C.unlinkat(folder.number(), Native.text(name), 0), path);
  }

  /** Removes an empty folder; ENOTEMPTY if it is not. */
  public static void removeFolder(Fd folder, String name, String path) throws LinuxException {
    Native.check("rmdir", C.unlinkat(folder.number(), Native.text(name), AT_REMOVEDIR), path);
  }

  /** Makes a folder. */
  public static void makeFolder(Fd folder, String name, int mode, String path)
      throws LinuxException {
    Native.check("mkdirat", C.mkdirat(folder.number(), Native.text(name), mode), path);
  }

  /** Makes a FIFO (fifo(7)). */
  public static void makeFifo(Fd folder, String name, int mode, String path) throws LinuxException {
    Native.check("mknodat", C.mknodat(folder.number(), Native.text(name), FIFO | mode, 0), path);
  }

  /** Makes a symbolic link with this text. */
  public static void symlink(String text, Fd folder, String name, String path)
      throws LinuxException {
    Native.check(
        "symlinkat", C.symlinkat(Native.text(text), folder.number(), Native.text(name)), path);
  }

  /**
   * The text of a symbolic link.
   *
   * @throws CharacterCodingException if it is not UTF-8
   */
  public static String readLink(Fd folder, String name, String path) throws IOException {
    return readLink(folder.number(), name, path);
  }

  /**
   * The present absolute path of what is open, links resolved.
   *
   * @throws CharacterCodingException if it is not UTF-8
   */
  public static String path(Fd fd) throws IOException {
    return readLink(AT_FDCWD, fd.link(), fd.link());
  }

  private static String readLink(int folder, String name, String path) throws IOException {
    byte[] room = new byte[8192];
    long length =
        Native.check(
            "readlinkat", C.readlinkat(folder, Native.text(name), room, room.length), path);
    return decode(Arrays.copyOf(room, (int) length));
  }

  /**
   * The names in a folder, in the file system's order, without {@code .} and {@code ..}.
   *
   * @throws LinuxException EILSEQ if one is not UTF-8
   */
  public static List<String> names(Fd folder, String path) throws IOException {
    List<Listed> all = list(folder, path);
    for (Listed each : all) {
      if (!each.legible()) {
        throw new LinuxException("getdents64", Errno.EILSEQ.number(), path + "/" + each.name());
      }
    }
    return all.stream().map(Listed::name).toList();
  }

  /** What is in a folder, in the file system's order, without {@code .} and {@code ..}. */
  public static List<Listed> list(Fd folder, String path) throws IOException {
    List<Listed> names = new ArrayList<>();
    try (Fd reading = Open.reading(folder, path)) {
      byte[] room = new byte[32 * 1024];
      long length;
      while ((length =
              Native.check("getdents64", C.getdents64(reading.number(), room, room.length), path))
          > 0) {
        parse(
            ByteBuffer.wrap(room, 0, (int) length).order(java.nio.ByteOrder.nativeOrder()), names);
      }
    }
    return names;
  }

  // struct linux_dirent64: u64 inode, s64 offset, u16 length, u8 type, name
  private static void parse(ByteBuffer buffer, List<Listed> names) {
    for (int at = 0; at < buffer.limit(); at += Short.toUnsignedInt(buffer.getShort(at + 16))) {
      int end = at + 19;
      while (buffer.get(end) != 0) {
        end++;
      }
      byte[] name = new byte[end - at - 19];
      buffer.get(at + 19, name);
      String text = new String(name, StandardCharsets.UTF_8);
      if (!text.equals(".") && !text.equals("..")) {
        int type = buffer.get(at + 18);
        boolean legible = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), name);
        names.add(new Listed(text, type == DT_DIR || type == DT_UNKNOWN, legible));
      }
    }
  }

  private static String decode(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /**
   * A name in a folder.
   *
   * @param name the name
   * @param maybeFolder false only if it is none
   * @param legible whether it is UTF-8, so that the name leads to it
   */
  public record Listed(String name, boolean maybeFolder, boolean legible) {}

  /** What is called. */
  public interface Calls {
    /** See linkat(2). */
    int linkat(int from, @In byte[] name, int to, @In byte[] newName, int flags);

    /** See renameat2(2). */
    int renameat2(int from, @In byte[] name, int to, @In byte[] newName, int flags);

    /** See mknodat(2). */
    int mknodat(int folder, @In byte[] name, int mode, long device);

    /** See unlinkat(2). */
    int unlinkat(int folder, @In byte[] name, int flags);

    /** See mkdirat(2). */
    int mkdirat(int folder, @In byte[] name, int mode);

    /** See symlinkat(2). */
    int symlinkat(@In byte[] text, int folder, @In byte[] name);

    /** See readlinkat(2). */
    long readlinkat(int folder, @In byte[] name, @Out byte[] room, long size);

    /** See getdents64(2). */
    long getdents64(int fd, @Out byte[] room, long size);
  }
}
