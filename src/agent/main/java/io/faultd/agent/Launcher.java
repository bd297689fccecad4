package io.faultd.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Takes an attach, and is the class loader of everything else of the agent, which the application
 * can neither see nor get in the way of.
 *
 * <p>This class stays in the system class loader for ever, also for the agents of later versions:
 * it does as little as possible, and finds the jar by the options, not by itself.
 */
public final class Launcher extends ClassLoader {
  private static final String ENTRY = "io.faultd.agent.session.Session";

  private final Map<String, byte[]> classes = new ConcurrentHashMap<>();

  private Launcher(String jar) throws IOException {
    super(null);
    try (JarInputStream in = new JarInputStream(Files.newInputStream(Paths.get(jar)))) {
      for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
        if (entry.getName().endsWith(".class")) {
          classes.put(entry.getName(), bytes(in));
        }
      }
    }
  }

  /** At the start of a JVM ({@code -javaagent}). */
  public static void premain(String options, Instrumentation instrumentation) throws Exception {
    agentmain(options, instrumentation);
  }

  /**
   * In a JVM that runs.
   *
   * @throws Exception if the agent cannot even begin; later failures go to the daemon
   */
  public static void agentmain(String options, Instrumentation instrumentation) throws Exception {
    Map<String, String> parsed = options(options);
    Launcher loader = new Launcher(required(parsed, "jar"));
    loader
        .loadClass(ENTRY)
        .getMethod("start", Map.class, Map.class, Instrumentation.class)
        .invoke(null, parsed, loader.classes, instrumentation);
  }

  private static Map<String, String> options(String text) throws IOException {
    Map<String, String> options = new HashMap<>();
    int from = 0;
    while (from < text.length()) {
      int end = text.indexOf(';', from);
      end = end < 0 ? text.length() : end;
      int equals = text.indexOf('=', from);
      if (equals < 0 || equals > end) {
        throw new IllegalArgumentException("not an option: " + text.substring(from, end));
      }
      options.put(text.substring(from, equals), decoded(text.substring(equals + 1, end)));
      from = end + 1;
    }
    return options;
  }

  private static String decoded(String value) throws IOException {
    return java.net.URLDecoder.decode(value.replace("+", "%2B"), "UTF-8");
  }

  private static String required(Map<String, String> options, String key) {
    String value = options.get(key);
    if (value == null) {
      throw new IllegalArgumentException("option missing: " + key);
    }
    return value;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        byte[] bytes = name.startsWith("java.") ? null : classes.remove(path(name));
        if (bytes == null) {
          return super.loadClass(name, resolve);
        }
        loaded = defineClass(name, bytes, 0, bytes.length);
      }
      return loaded;
    }
  }

  @Override
  public @Nullable InputStream getResourceAsStream(String name) {
    return null;
  }

  private static String path(String name) {
    return name.replace('.', '/') + ".class";
  }

  private static byte[] bytes(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
      all.write(buffer, 0, count);
    }
    return all.toByteArray();
  }
}
