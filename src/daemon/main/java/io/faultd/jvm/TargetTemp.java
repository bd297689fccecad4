package io.faultd.jvm;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Stream;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Entries;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Stat;
import io.faultd.linux.net.UnixSocket;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Rights;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The folder /tmp as a JVM sees it, held by descriptor: no link that its container puts in the way
 * leads us out of it, and what is made there is the JVM's own.
 *
 * <p>Only system calls, no Java file API: nothing here depends on whose names are looked up.
 */
final class TargetTemp implements AutoCloseable {
  /** How the JVM calls it (os::get_temp_directory of HotSpot on Linux). */
  static final String PATH = "/tmp";

  private static final int OURS = 0600;
  private static final int OUR_JAR = 0400;
  private static final int OUR_FOLDER = 0700;

  private final JvmProcess jvm;
  private final Rights rights;
  private final Fd folder;
  private final Duration limit;

  private TargetTemp(JvmProcess jvm, Fd folder, Duration limit) {
    this.jvm = jvm;
    this.rights = new Rights(jvm.user(), jvm.group());
    this.folder = folder;
    this.limit = limit;
  }

  /**
   * Opens it.
   *
   * @param limit for each thing that is made, should the file system not come back
   * @throws FaultException TARGET_NOT_FOUND if the process is gone, UNSUPPORTED if it has no /tmp
   */
  static TargetTemp of(JvmProcess jvm, Procfs procfs, Duration limit) throws IOException {
    String path = procfs.root() + "/" + jvm.pid() + "/root";
    try (Fd root = Open.folder(path)) {
      alive(jvm.process(), procfs); // what was opened is of this process, which still was there
      return new TargetTemp(jvm, Open.folderInRoot(root, "tmp", shown(jvm, "")), limit);
    } catch (LinuxException e) {
      if (procfs.gone(jvm.process())) {
        throw gone(jvm);
      }
      if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
        throw new FaultException(
            Reason.UNSUPPORTED,
            jvm
                + " has no folder /tmp, through which a JVM is attached to; one in its image, or"
                + " something that is mounted there, would do");
      }
      throw e;
    }
  }

  private static void alive(ProcessIdentity process, Procfs procfs) throws LinuxException {
    if (procfs.gone(process)) {
      throw new LinuxException("open", Errno.ESRCH.number(), "process " + process.pid());
    }
  }

  static FaultException gone(JvmProcess jvm) {
    return new FaultException(Reason.TARGET_NOT_FOUND, jvm + " has ended");
  }

  private static String shown(JvmProcess jvm, String name) {
    return PATH + (name.isEmpty() ? "" : "/" + name) + " of " + jvm;
  }

  private String shown(String name) {
    return shown(jvm, name);
  }

  Fd fd() {
    return folder;
  }

  /** What a name stands for now, a link itself; empty if nothing. */
  Optional<Stat> stat(String name) throws LinuxException {
    return Stat.of(folder, name, shown(name));
  }

  /** A handle of what is there now, a link itself; empty if there is nothing. */
  Optional<Fd> open(String name) throws LinuxException {
    try {
      return Optional.of(Open.entry(folder, name, shown(name)));
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Makes an empty file that is the JVM's. */
  void makeEmpty(String name) throws IOException {
    rights.files(limit, () -> make(folder, name, OURS, new byte[0]));
  }

  /**
   * Makes a folder that only the JVM and root can enter.
   *
   * @return a handle of it
   */
  Fd makeFolder(String name) throws IOException {
    rights.files(
        limit,
        () -> {
          Entries.makeFolder(folder, name, OUR_FOLDER, shown(name));
          return name;
        });
    Fd made = Open.entry(folder, name, shown(name));
    Stat stat = Stat.of(made, shown(name));
    if (!stat.isFolder() || stat.owner() != jvm.user()) {
      made.close();
      throw new IOException(shown(name) + " is not what we made: somebody replaced it");
    }
    return made;
  }

  /** Makes a file and FIFOs in a folder of ours. */
  void fill(Fd ours, String file, byte[] bytes, String... fifos) throws IOException {
    rights.files(
        limit,
        () -> {
          for (String fifo : fifos) {
            Entries.makeFifo(ours, fifo, OURS, shown(fifo));
          }
          return make(ours, file, OUR_JAR, bytes);
        });
  }

  private String make(Fd into, String name, int mode, byte[] bytes) throws IOException {
    try (Fd made = Open.made(into, name, mode, shown(name))) {
      Contents.write(made, 0, bytes, shown(name));
    }
    return name;
  }

  /** Connects to a socket as the JVM's own user, which is all that it lets in. */
  Stream connect(Fd socket, String name) throws IOException {
    return rights.socket(limit, () -> UnixSocket.connect(socket, shown(name)));
  }

  /** Removes a name, if it is there; one of a folder only if that is empty. */
  static void remove(Fd from, String name, boolean isFolder) throws LinuxException {
    try {
      if (isFolder) {
        Entries.removeFolder(from, name, name);
      } else {
        Entries.unlink(from, name, name);
      }
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    folder.close();
  }
}
