package io.faultd.crash;

import io.faultd.linux.netlink.Netlink;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.provider.FFIProvider;
import jnr.ffi.provider.jffi.Provider;

/**
 * Binds the C library as ever, with an instant before and after each call that changes something.
 *
 * <p>Chosen by the system property {@code jnr.ffi.provider} of a JVM of the test's own.
 */
public final class CuttingProvider extends FFIProvider {
  private static final long PIDFD_SEND_SIGNAL = 424;

  /** The upper byte of nlmsg_flags. */
  private static final int FLAGS = 7;

  private static final int NLM_F_DUMP = 0x3;
  private static final int O_CREAT = 0x40;
  private static final int O_TMPFILE = 0x400000;
  private static final Set<String> CHANGING =
      Set.of(
          "pwrite",
          "write",
          "ftruncate",
          "fsync",
          "chmod",
          "fchown",
          "futimens",
          "linkat",
          "renameat2",
          "unlinkat",
          "mkdirat",
          "mknodat",
          "connect",
          "symlinkat",
          "fsetxattr",
          "sched_setaffinity");

  private final Provider real = new Provider();

  /** Made by jnr. */
  public CuttingProvider() {}

  @Override
  public Runtime getRuntime() {
    return real.getRuntime();
  }

  @Override
  public <T> LibraryLoader<T> createLibraryLoader(Class<T> type) {
    return new LibraryLoader<>(type) {
      @Override
      protected T loadLibrary(
          Class<T> calls,
          Collection<String> names,
          Collection<String> paths,
          Map<LibraryOption, Object> options,
          boolean failImmediately) {
        LibraryLoader<T> loader = real.createLibraryLoader(calls);
        T bound = loader.load(names.iterator().next());
        InvocationHandler cutting = (proxy, method, arguments) -> call(bound, method, arguments);
        return calls.cast(
            Proxy.newProxyInstance(calls.getClassLoader(), new Class<?>[] {calls}, cutting));
      }
    };
  }

  private static Object call(Object bound, Method method, Object[] arguments) throws Throwable {
    boolean changes = changes(method, arguments);
    if (changes) {
      Cuts.instant("before " + method.getName());
    }
    Object result;
    try {
      result = method.invoke(bound, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    // what failed has changed nothing, and errno must reach who asks for it
    if (changes && result instanceof Number number && number.longValue() >= 0) {
      Cuts.instant("after " + method.getName());
    }
    return result;
  }

  private static boolean changes(Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "send" -> method.getDeclaringClass() == Netlink.Calls.class && !asks(arguments);
      case "syscall" -> (long) arguments[0] == PIDFD_SEND_SIGNAL;
      case "openat" -> ((int) arguments[2] & (O_CREAT | O_TMPFILE)) != 0;
      default -> CHANGING.contains(method.getName());
    };
  }

  /** Whether the message asks the kernel to list things, and changes nothing. */
  private static boolean asks(Object[] arguments) {
    return (((Pointer) arguments[1]).getByte(FLAGS) & NLM_F_DUMP) == NLM_F_DUMP;
  }
}
