package io.faultd.agent.session;

import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Method;
import java.security.ProtectionDomain;
import java.util.Map;
import java.util.jar.JarFile;

/**
 * Brings the classes that woven code calls to the bootstrap loader.
 *
 * <p>Defined there one by one, because a jar that is added to the bootstrap class path stays open
 * for ever and ends the sharing of class data; that is the way if a JVM lets us do nothing else.
 * The packages of the JDK that this needs are opened to the agent's own loader alone.
 */
final class BootClasses {
  private static final String[] NAMES = {"java.faultd.Probe", "java.faultd.Gate"};

  private BootClasses() {}

  static void define(Map<String, byte[]> classes, String jar, Instrumentation instrumentation)
      throws IOException, ClassNotFoundException {
    if (present()) {
      return;
    }
    try {
      define(NAMES, classes, instrumentation);
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      try (JarFile file = new JarFile(new File(jar))) {
        instrumentation.appendToBootstrapClassLoaderSearch(file);
      }
    }
    Class.forName("java.faultd.Gate", true, null);
  }

  private static boolean present() {
    try {
      Class.forName("java.faultd.Gate", true, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** {@code defineClass} of {@code sun.misc.Unsafe} (8) or {@code jdk.internal.misc.Unsafe} (9). */
  private static void define(String[] names, Map<String, byte[]> classes, Instrumentation with)
      throws ReflectiveOperationException {
    String unsafeName = "sun.misc.Unsafe";
    if (!JavaBase.isOpen()) {
      unsafeName = "jdk.internal.misc.Unsafe";
      JavaBase.open("jdk.internal.misc", with);
    }
    Class<?> type = Class.forName(unsafeName, true, null);
    Object unsafe = JavaBase.read(type, type, "theUnsafe");
    Method define =
        type.getMethod(
            "defineClass",
            String.class,
            byte[].class,
            int.class,
            int.class,
            ClassLoader.class,
            ProtectionDomain.class);
    for (String name : names) {
      byte[] bytes = classes.get(name.replace('.', '/') + ".class");
      if (bytes == null) {
        throw new ClassNotFoundException(name);
      }
      define.invoke(unsafe, name, bytes, 0, bytes.length, null, null);
    }
  }
}
