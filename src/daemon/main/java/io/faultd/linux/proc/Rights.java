package io.faultd.linux.proc;

import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The rights of another user, for one piece of work on a kernel thread of its own.
 *
 * <p>The system calls are made raw, because the C library's own change all threads of the process
 * (nptl(7)); the thread ends with the work and is never used again. Only the effective ids change,
 * so the other user can neither signal nor trace that thread. The work should be system calls and
 * nothing else: what is opened there is opened as that user.
 */
public final class Rights {
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
  // asm/unistd_64.h of x86, asm-generic/unistd.h of arm64
  private static final long SETRESUID = ARM ? 147 : 117;
  private static final long SETRESGID = ARM ? 149 : 119;
  private static final long SETFSUID = ARM ? 151 : 122;
  private static final long SETGROUPS = ARM ? 159 : 116;
  private static final int SAME = -1;
  private static final Calls C = Native.bind(Calls.class);

  private final int user;
  private final int group;

  /** Of a user and a group, as this user namespace numbers them. */
  public Rights(int user, int group) {
    this.user = user;
    this.group = group;
  }

  /** Work for another user's rights. */
  @FunctionalInterface
  public interface Work<T> {
    /** Does it. */
    T run() throws IOException;
  }

  /**
   * Makes files as that user: they are the user's.
   *
   * @throws IOException what the work throws, or that it was not done in time: it is then left to
   *     itself, stuck in the kernel
   */
  public <T> T files(Duration limit, Work<T> work) throws IOException {
    return run(limit, false, work);
  }

  /**
   * Is seen as that user by the other side of a socket (SO_PEERCRED, unix(7)), but finds files as
   * root.
   *
   * @throws IOException as {@link #files}
   */
  public <T> T socket(Duration limit, Work<T> work) throws IOException {
    return run(limit, true, work);
  }

  private <T> T run(Duration limit, boolean rootsFiles, Work<T> work) throws IOException {
    FutureTask<T> task =
        new FutureTask<>(() -> {
          become(rootsFiles);
          return work.run();
        });
    Thread thread = Thread.ofPlatform().name("faultd-as-" + user).daemon().unstarted(task);
    thread.start();
    try {
      T done = task.get(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS);
      thread.join();
      return done;
    } catch (ExecutionException e) {
      throw cause(e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("the kernel did not come back in " + limit.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static IOException cause(@Nullable Throwable cause) {
    if (cause instanceof IOException failure) {
      return failure;
    }
    if (cause instanceof RuntimeException defect) {
      throw defect;
    }
    if (cause instanceof Error defect) {
      throw defect;
    }
    return new IOException(cause);
  }

  private void become(boolean rootsFiles) throws LinuxException {
    if (user == 0 && group == 0) {
      return;
    }
    Native.check("setgroups", C.syscall(SETGROUPS, 0, 0, 0), null);
    Native.check("setresgid", C.syscall(SETRESGID, SAME, group, SAME), null);
    Native.check("setresuid", C.syscall(SETRESUID, SAME, user, SAME), null);
    if (rootsFiles) {
      C.syscall(SETFSUID, 0, 0, 0);
    }
  }

  /** What is called. */
  public interface Calls {
    /** See syscall(2). */
    long syscall(long number, long first, long second, long third);
  }
}
