package io.faultd.testing;

import io.faultd.linux.Errno;
import io.faultd.linux.Native;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import jnr.ffi.Pointer;

/**
 * A thread that the kernel refuses bpf(2), as the filters of container runtimes do (seccomp(2)).
 */
public final class WithoutBpf {
  private static final int BPF = System.getProperty("os.arch").equals("aarch64") ? 280 : 321;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_SET_SECCOMP = 22;
  private static final long SECCOMP_MODE_FILTER = 2;
  private static final int SECCOMP_RET_ERRNO = 0x00050000;
  private static final int SECCOMP_RET_ALLOW = 0x7fff0000;
  private static final Calls C = Native.bind(Calls.class);

  private WithoutBpf() {}

  /** What is to be done there. */
  @FunctionalInterface
  public interface Work {
    /** Does it. */
    void run() throws Exception;
  }

  /** Does something on such a thread, which ends with it. */
  public static void run(Work work) throws Exception {
    FutureTask<Void> task =
        new FutureTask<>(() -> {
          forbid();
          work.run();
          return null;
        });
    Thread.ofPlatform().start(task);
    try {
      task.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception failure ? failure : e;
    }
  }

  private static void forbid() throws Exception {
    // A = the number of the call; if it is that of bpf: EPERM; else let it pass
    long[] code = {
      0x20,
      0x15 | 1L << 24 | (long) BPF << 32,
      0x06 | (long) (SECCOMP_RET_ERRNO | Errno.EPERM.number()) << 32,
      0x06 | (long) SECCOMP_RET_ALLOW << 32
    };
    // jump if equal: not at all, else over the next
    ByteBuffer program = Native.buffer(code.length * Long.BYTES);
    for (int i = 0; i < code.length; i++) {
      program.putLong(i * Long.BYTES, code[i]);
    }
    ByteBuffer filter = Native.buffer(16).putShort(0, (short) code.length);
    filter.putLong(8, Native.at(program).address());
    Native.check("prctl", C.prctl(PR_SET_NO_NEW_PRIVS, 1, null, 0, 0), null);
    Native.check(
        "prctl", C.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, Native.at(filter), 0, 0), null);
  }

  /** What is called. */
  public interface Calls {
    /** See prctl(2). */
    int prctl(int operation, long mode, Pointer filter, long unused, long alsoUnused);
  }
}
