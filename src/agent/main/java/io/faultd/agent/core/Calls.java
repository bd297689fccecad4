package io.faultd.agent.core;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;

/**
 * Calls a method of an object by name, looked up once per class. The agent knows no class of a
 * library, and the same library may be there several times.
 */
public final class Calls {
  private final String name;
  private final Class<?>[] parameters;

  /** Holds types of the JDK alone: what a class of the application keeps must not keep us. */
  private final ClassValue<@Nullable Method> methods =
      new ClassValue<@Nullable Method>() {
        @Override
        protected @Nullable Method computeValue(Class<?> type) {
          return find(type);
        }
      };

  /** Calls of a method. */
  public Calls(String name, Class<?>... parameters) {
    this.name = name;
    this.parameters = parameters;
  }

  /**
   * Calls it.
   *
   * @return null also if the object has no such method
   * @throws Exception what it throws
   */
  public @Nullable Object on(Object target, @Nullable Object... arguments) throws Exception {
    Method method = methods.get(target.getClass());
    if (method == null) {
      return null;
    }
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof Exception ? (Exception) e.getCause() : e;
    }
  }

  /** As text, empty if there is none. */
  public String text(Object target, @Nullable Object... arguments) throws Exception {
    Object value = on(target, arguments);
    return value == null ? "" : value.toString();
  }

  /** The method as a public type declares it, if there is one, so that it may be called. */
  private @Nullable Method find(@Nullable Class<?> type) {
    if (type == null) {
      return null;
    }
    Method method = declared(type);
    if (method != null && Modifier.isPublic(type.getModifiers())) {
      return method;
    }
    for (Class<?> each : type.getInterfaces()) {
      Method above = find(each);
      if (above != null) {
        return above;
      }
    }
    Method above = find(type.getSuperclass());
    if (above == null && method != null) {
      method.setAccessible(true);
      return method;
    }
    return above;
  }

  private @Nullable Method declared(Class<?> type) {
    try {
      Method method = type.getDeclaredMethod(name, parameters);
      return Modifier.isPublic(method.getModifiers()) ? method : null;
    } catch (NoSuchMethodException | LinkageError e) {
      return null;
    }
  }
}
