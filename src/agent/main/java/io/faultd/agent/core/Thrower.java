package io.faultd.agent.core;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes exceptions of one class, as a class of the application sees it. */
final class Thrower {
  private final Constructor<?> constructor;
  private final String message;

  private Thrower(Constructor<?> constructor, String message) {
    this.constructor = constructor;
    this.message = message;
  }

  /**
   * Finds the class and a constructor, from a message or from nothing.
   *
   * @param loader of the class whose method is to throw it; null is the bootstrap loader
   * @throws Refusal if there is none that can be made and thrown
   */
  static Thrower find(String name, @Nullable ClassLoader loader, String message) throws Refusal {
    Class<?> type;
    try {
      type = Class.forName(name, false, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      throw Refusal.illegal("exception", "no class that the method could see: " + name);
    }
    if (!Throwable.class.isAssignableFrom(type) || Modifier.isAbstract(type.getModifiers())) {
      throw Refusal.illegal("exception", "nothing that can be made and thrown: " + name);
    }
    for (Class<?>[] parameters :
        new Class<?>[][] {{String.class}, {}, {Object.class}, {String.class, Throwable.class}}) {
      try {
        Constructor<?> constructor = type.getDeclaredConstructor(parameters);
        if (!Modifier.isPublic(constructor.getModifiers() & type.getModifiers())) {
          constructor.setAccessible(true);
        }
        return new Thrower(constructor, message);
      } catch (NoSuchMethodException | RuntimeException e) {
        continue;
      }
    }
    throw Refusal.illegal("exception", "has no constructor from a message or nothing: " + name);
  }

  /** A new one; its stack begins at the method of the application. */
  Throwable make() throws InstantiationException, IllegalAccessException {
    @Nullable Object[] arguments = new Object[constructor.getParameterTypes().length];
    if (arguments.length > 0) {
      arguments[0] = message;
    }
    try {
      Throwable made = (Throwable) constructor.newInstance(arguments);
      List<StackTraceElement> rest = new ArrayList<>();
      for (StackTraceElement frame : made.getStackTrace()) {
        rest.add(frame);
        if (frame.getClassName().equals("java.faultd.Gate")) {
          rest.clear();
        }
      }
      made.setStackTrace(rest.toArray(new StackTraceElement[0]));
      return made;
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
