package io.faultd.agent.session;

import java.lang.instrument.Instrumentation;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.Set;

/** The JDK's own packages, which are closed since Java 9. */
final class JavaBase {
  private JavaBase() {}

  /** Whether this is Java 8, which has no modules. */
  static boolean isOpen() {
    return System.getProperty("java.specification.version").startsWith("1.");
  }

  /**
   * Opens a package to the agent's own loader alone, by {@code Instrumentation.redefineModule} (9),
   * which Java 8 has no words for.
   */
  static void open(String packageName, Instrumentation instrumentation)
      throws ReflectiveOperationException {
    Method moduleOf = Class.class.getMethod("getModule");
    Set<Object> ours = Collections.singleton(moduleOf.invoke(JavaBase.class));
    for (Method method : Instrumentation.class.getMethods()) {
      if (method.getName().equals("redefineModule")) {
        method.invoke(
            instrumentation,
            moduleOf.invoke(Object.class),
            Collections.emptySet(),
            Collections.singletonMap(packageName, ours),
            Collections.singletonMap(packageName, ours),
            Collections.emptySet(),
            Collections.emptyMap());
      }
    }
  }

  /** What is in a field of an object, of one of these names, whichever its class declares. */
  static Object read(Class<?> type, Object from, String... names)
      throws ReflectiveOperationException {
    for (Field field : type.getDeclaredFields()) {
      for (String name : names) {
        if (field.getName().equals(name)) {
          field.setAccessible(true);
          Object value = field.get(from);
          if (value != null) {
            return value;
          }
        }
      }
    }
    throw new NoSuchFieldException(type.getName() + " has none of " + String.join(", ", names));
  }
}
