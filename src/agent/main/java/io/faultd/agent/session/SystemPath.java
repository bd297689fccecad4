package io.faultd.agent.session;

import java.faultd.Gate;
import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes the agent's jar out of the class path that it was loaded from. The JVM appends the jar of
 * each agent to the system class loader's path, which keeps it open and asks it for each class that
 * is nowhere else.
 *
 * <p>Only the references are taken away, under the lock that the class path itself uses, so that a
 * lookup that is under way finishes as it began; the file is closed by the JDK with the next
 * collection of garbage. Fails open: where the path is not as we know it, or something was appended
 * after us, all stays as it is.
 */
final class SystemPath {
  private SystemPath() {}

  @SuppressWarnings("IllegalCatch") // then one descriptor stays open
  static void forget(String jar, Instrumentation instrumentation) {
    boolean outside = Gate.enter(); // nobody's rule is to hold us while we hold the lock
    try {
      Object path = path(instrumentation);
      if (path != null) {
        forget(new File(jar).getCanonicalFile(), path);
      }
    } catch (IOException | ReflectiveOperationException | RuntimeException e) {
      return;
    } finally {
      if (outside) {
        Gate.leave();
      }
    }
  }

  /** {@code sun.misc.URLClassPath} (8) or {@code jdk.internal.loader.URLClassPath} (9). */
  private static @Nullable Object path(Instrumentation instrumentation)
      throws ReflectiveOperationException {
    String holder = "java.net.URLClassLoader";
    if (!JavaBase.isOpen()) {
      holder = "jdk.internal.loader.BuiltinClassLoader";
      JavaBase.open("jdk.internal.loader", instrumentation);
    }
    Class<?> type = Class.forName(holder, true, null);
    ClassLoader system = ClassLoader.getSystemClassLoader();
    return type.isInstance(system) ? JavaBase.read(type, system, "ucp") : null;
  }

  private static void forget(File jar, Object path) throws ReflectiveOperationException {
    Class<?> type = path.getClass();
    synchronized (path) {
      Collection<?> unopened =
          (Collection<?>) JavaBase.read(type, path, "unopenedUrls", "urls"); // 11, 8
      synchronized (unopened) {
        Collection<?> all = (Collection<?>) JavaBase.read(type, path, "path");
        List<?> opened = (List<?>) JavaBase.read(type, path, "loaders");
        Map<?, ?> byName = (Map<?, ?>) JavaBase.read(type, path, "lmap");
        Object ours = ours(opened, jar);
        // what follows it would get its number, and a lookup that counts would pass over it
        if (ours == null || opened.indexOf(ours) == opened.size() - 1) {
          removeIf(all, jar);
          removeIf(unopened, jar);
          byName.values().remove(ours);
          opened.remove(ours);
        }
      }
    }
  }

  /** What looks into a jar, if it has been opened. */
  private static @Nullable Object ours(List<?> opened, File jar)
      throws ReflectiveOperationException {
    for (Object each : opened) {
      if (each.getClass().getName().endsWith("$JarLoader")
          && is(JavaBase.read(each.getClass(), each, "csu"), jar)) {
        return each;
      }
    }
    return null;
  }

  private static void removeIf(Collection<?> urls, File jar) {
    for (Object each : urls.toArray()) {
      if (is(each, jar)) {
        urls.remove(each);
      }
    }
  }

  private static boolean is(Object url, File jar) {
    try {
      return url instanceof URL
          && ((URL) url).getProtocol().equals("file")
          && new File(((URL) url).toURI()).equals(jar);
    } catch (URISyntaxException | IllegalArgumentException e) {
      return false;
    }
  }
}
