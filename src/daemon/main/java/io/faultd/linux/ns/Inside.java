package io.faultd.linux.ns;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;

/**
 * Work done on a short-lived platform thread inside a namespace (setns(2)); the thread ends with
 * the work, so that no other code ever runs there. Where the caller is in the namespace already it
 * does the work itself.
 *
 * <p>What was opened there, a socket above all, stays of that namespace and may be used from any
 * thread.
 */
public final class Inside {
  private static final int CLONE_FS = 0x200;
  private static final int CLONE_NEWNS = 0x20000;
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int CLONE_NEWCGROUP = 0x02000000;
  private static final Calls C = Native.bind(Calls.class);

  /** Started by its first use, a helper thread of jnr-ffi would inherit the namespace for good. */
  private static final Pointer STARTED = Memory.allocate(Runtime.getSystemRuntime(), 8);

  private Inside() {}

  /**
   * Inside a network namespace. Once begun, an interrupt of the caller waits for the work to end.
   *
   * @param namespace an open nsfs file
   * @param path what people call it
   * @throws IOException if the namespace cannot be entered, or the work failed
   */
  public static <T> T network(Fd namespace, String path, Work<T> work) throws IOException {
    if (of("/proc/thread-self/ns/net", namespace, path)) {
      return work.run(); // this thread is there already
    }
    return apart(() -> {
      Native.check("setns", C.setns(namespace.number(), CLONE_NEWNET), path);
      return work.run();
    });
  }

  /**
   * Inside a namespace of control groups: their paths are told from its root there, and its borders
   * are what keeps processes from being moved (nsdelegate).
   *
   * @param namespace an open nsfs file
   * @param path what people call it
   * @throws IOException if the namespace cannot be entered, or the work failed
   */
  static <T> T groups(Fd namespace, String path, Work<T> work) throws IOException {
    return apart(() -> {
      Native.check("setns", C.setns(namespace.number(), CLONE_NEWCGROUP), path);
      return work.run();
    });
  }

  /**
   * Inside a mount namespace, with its root and working folder. The work must be system calls and
   * nothing else: what Java finds by name, its own classes included, is not there.
   *
   * @param namespace an open nsfs file
   * @throws IOException if the namespace cannot be entered, or the work failed
   */
  static void mounts(Fd namespace, Task work) throws IOException {
    // and so that of which failures are made is looked for now
    LinuxException failure = new LinuxException("setns", Errno.UNKNOWN.number(), null);
    STARTED.putInt(0, failure.number());
    apart(() -> {
      Native.check("unshare", C.unshare(CLONE_FS), null);
      enterMounts(namespace);
      work.run();
      return true;
    });
  }

  /** Goes to another mount namespace from {@link #mounts}. */
  static void enterMounts(Fd namespace) throws LinuxException {
    Native.check("setns", C.setns(namespace.number(), CLONE_NEWNS), "mount namespace");
  }

  /** Goes from {@link #mounts} to a new mount namespace, a copy of that one. */
  static void freshMounts() throws LinuxException {
    Native.check("unshare", C.unshare(CLONE_NEWNS), "mount namespace");
  }

  /** Whether a link of procfs leads to an open namespace; neither can be another one meanwhile. */
  static boolean of(String link, Fd namespace, String path) throws LinuxException {
    try (Fd other = Open.followed(link)) {
      Stat one = Stat.of(other, link);
      Stat two = Stat.of(namespace, path);
      return one.inode() == two.inode() && one.device() == two.device();
    }
  }

  /**
   * Inside a new network namespace, which ends with the last that holds it.
   *
   * @throws IOException if there can be none, or the work failed
   */
  static <T> T freshNetwork(Work<T> work) throws IOException {
    return apart(() -> {
      Native.check("unshare", C.unshare(CLONE_NEWNET), "network namespace");
      return work.run();
    });
  }

  private static <T> T apart(Work<T> work) throws IOException {
    STARTED.putByte(0, (byte) 1);
    FutureTask<T> task = new FutureTask<>(work::run);
    new Apart(task).start();
    return outcome(task);
  }

  /** Whether the caller is in a namespace that it was brought to. */
  static boolean elsewhere() {
    return Thread.currentThread() instanceof Apart;
  }

  /** A thread that does one piece of work elsewhere. */
  private static final class Apart extends Thread {
    Apart(Runnable work) {
      super(work, "faultd-inside");
      setDaemon(true);
    }
  }

  private static <T> T outcome(FutureTask<T> task) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true; // the work is short and cannot be left half done
        } catch (ExecutionException e) {
          throw failure(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static IOException failure(@Nullable Throwable cause) {
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof IOException io ? io : new IOException(cause);
  }

  /** What is done inside. */
  @FunctionalInterface
  public interface Work<T> {
    /** Does it. */
    T run() throws IOException;
  }

  /** What is done inside without a result. */
  @FunctionalInterface
  interface Task {
    /** Does it. */
    void run() throws IOException;
  }

  /** What is called. */
  public interface Calls {
    /** See setns(2). */
    int setns(int fd, int kind);

    /** See unshare(2). */
    int unshare(int kinds);
  }
}
