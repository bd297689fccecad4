package io.faultd.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;

/**
 * The C library, bound piece by piece: each package declares the few calls it needs in a public
 * nested interface, so that only what is used is generated.
 *
 * <p>Names go over as NUL-terminated UTF-8 ({@link #text}), structures as direct buffers in the
 * machine's order ({@link #buffer}). Call on platform threads: errno is the thread's.
 */
public final class Native {
  private static final int EINTR = 4;

  private Native() {}

  /** The C library as this interface sees it; keep it in a static field. */
  public static <T> T bind(Class<T> calls) {
    return LibraryLoader.create(calls).load("c");
  }

  /** Why the last call of this thread failed. */
  public static int errno() {
    return Runtime.getSystemRuntime().getLastError();
  }

  /** The result, if it is none of -1. */
  public static int check(String call, int result, @Nullable String path) throws LinuxException {
    if (result == -1) {
      throw new LinuxException(call, errno(), path);
    }
    return result;
  }

  /** The result, if it is none of -1. */
  public static long check(String call, long result, @Nullable String path) throws LinuxException {
    if (result == -1) {
      throw new LinuxException(call, errno(), path);
    }
    return result;
  }

  /** Whether the call failed only because a signal came: make it again. */
  public static boolean interrupted(long result) {
    return result == -1 && errno() == EINTR;
  }

  /** A name for the kernel. */
  public static byte[] text(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    byte[] ended = new byte[bytes.length + 1];
    System.arraycopy(bytes, 0, ended, 0, bytes.length);
    return ended;
  }

  /** Room for a structure, zeroed, in the machine's byte order. */
  public static ByteBuffer buffer(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  /** The address of a direct buffer's first byte. */
  public static Pointer at(ByteBuffer direct) {
    return Pointer.wrap(Runtime.getSystemRuntime(), direct);
  }
}
