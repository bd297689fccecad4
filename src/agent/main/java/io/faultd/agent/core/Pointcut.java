package io.faultd.agent.core;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where a rule strikes: methods of one name in some classes, and what it looks at of a call. All
 * class names and descriptors are those of class files (JVM specification 4.2.1, 4.3.3).
 */
public final class Pointcut {
  /** The object that is called, as something that a rule looks at. */
  public static final int THIS = -1;

  private final Set<String> classes;

  /** The same as {@link Class#getName} has them. */
  private final Set<String> binary = new HashSet<>();

  private final String method;
  private final List<String> parameters;
  private final boolean override;
  private final boolean after;
  private final List<Integer> sights;

  private Pointcut(Start start, boolean override, boolean after, List<Integer> sights) {
    this.classes = start.classes;
    for (String each : classes) {
      binary.add(each.replace('/', '.'));
    }
    this.method = start.method;
    this.parameters = start.parameters;
    this.override = override;
    this.after = after;
    this.sights = sights;
  }

  /**
   * Before all methods of a name, of which the rule looks at nothing.
   *
   * @param classes in which
   */
  public static Pointcut of(List<String> classes, String method) {
    return new Pointcut(
        new Start(classes, method, Collections.<String>emptyList()),
        false,
        false,
        Collections.<Integer>emptyList());
  }

  /**
   * Only methods whose parameters begin with one of these.
   *
   * @param beginnings like {@code Ljava/lang/String;I}
   */
  public Pointcut taking(List<String> beginnings) {
    return new Pointcut(new Start(classes, method, beginnings), override, after, sights);
  }

  /** Also in classes below, if {@code also}. */
  public Pointcut overriding(boolean also) {
    return new Pointcut(new Start(classes, method, parameters), also, after, sights);
  }

  /** When the method returns, if {@code returning}, and not before it begins. */
  public Pointcut after(boolean returning) {
    return new Pointcut(new Start(classes, method, parameters), override, returning, sights);
  }

  /**
   * Looks at up to two values.
   *
   * @param values {@link #THIS} or numbers of arguments, from 0
   */
  public Pointcut looking(List<Integer> values) {
    return new Pointcut(new Start(classes, method, parameters), override, after, values);
  }

  boolean names(String className) {
    return classes.contains(className);
  }

  /** Asked of each class of a JVM for each rule: makes no name anew. */
  boolean names(Class<?> type) {
    return binary.contains(type.getName());
  }

  boolean takes(String name, String descriptor) {
    if (!method.equals(name)) {
      return false;
    }
    for (String beginning : parameters) {
      if (descriptor.startsWith(beginning, 1)) {
        return true;
      }
    }
    return parameters.isEmpty();
  }

  String method() {
    return method;
  }

  boolean overriding() {
    return override;
  }

  boolean after() {
    return after;
  }

  List<Integer> sights() {
    return sights;
  }

  private static final class Start {
    private final Set<String> classes;
    private final String method;
    private final List<String> parameters;

    Start(Iterable<String> classes, String method, List<String> parameters) {
      this.classes = new HashSet<>();
      for (String each : classes) {
        this.classes.add(each);
      }
      this.method = method;
      this.parameters = parameters;
    }
  }
}
