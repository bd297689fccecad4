package io.faultd.agent.core;

import java.faultd.Gate;
import java.faultd.Probe;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.Type;

/** One method of one class that a rule is woven into. */
final class Site extends Probe {
  private final Rule rule;
  private final Method method;

  /** What the values are to be that the rule looks at; fields, because each call reads them. */
  private final @Nullable Expected first;

  private final @Nullable Expected second;

  /** A field as well: each step on the way to it would be waited for. */
  private final Limits.@Nullable Share share;

  private final @Nullable Object value;
  private final int id;
  private volatile @Nullable Thrower thrower;

  private Site(Rule rule, Method method, List<Expected> expected, @Nullable Object value) {
    this.rule = rule;
    this.method = method;
    this.first = expected.isEmpty() ? null : expected.get(0);
    this.second = expected.size() < 2 ? null : expected.get(1);
    this.share = rule.share();
    this.value = value;
    this.id = Gate.put(this);
  }

  /**
   * Makes one, not armed.
   *
   * @throws Refusal if the rule cannot be woven into this method
   */
  static Site of(Rule rule, Method method) throws Refusal {
    List<Expected> expected = expected(rule, method);
    return new Site(rule, method, expected, value(rule, method));
  }

  /** Whether a rule can be woven into a method, as far as that depends on its types. */
  static boolean fits(Rule rule, Method method) {
    try {
      expected(rule, method);
      value(rule, method);
      return true;
    } catch (Refusal refusal) {
      return false;
    }
  }

  private static List<Expected> expected(Rule rule, Method method) throws Refusal {
    Type[] parameters = Type.getArgumentTypes(method.descriptor);
    List<Expected> expected = new ArrayList<>();
    for (Map.Entry<Integer, String> each : rule.arguments().entrySet()) {
      if (each.getKey() >= parameters.length) {
        throw Refusal.illegal("argument", method + " has no argument " + each.getKey());
      }
      expected.add(Expected.of(parameters[each.getKey()], each.getValue()));
    }
    if (rule.action().raises() && rule.action().raised(method.exceptions) == null) {
      throw new Refusal(Refusal.Kind.NOT_WEAVABLE, "methodname", method + " declares no exception");
    }
    return expected;
  }

  /** What it returns if it is struck; null if that is not changed. */
  private static @Nullable Object value(Rule rule, Method method) throws Refusal {
    String text = rule.action().returns();
    if (text == null) {
      return null;
    }
    Type type = Type.getReturnType(method.descriptor);
    Object value = Values.read(type, text);
    if (value == null) {
      throw Refusal.illegal(
          "value", method + " returns " + type.getClassName() + ", and that is none: " + text);
    }
    return value;
  }

  int id() {
    return id;
  }

  /** The class that it is in, and where that was loaded. */
  String place() {
    return place(method.owner.replace('/', '.'), method.loader.get());
  }

  static String place(String name, @Nullable ClassLoader loader) {
    return name + "@" + System.identityHashCode(loader);
  }

  /** What is woven in as the value returned, or null if none is. */
  @Nullable Object constant() {
    return value;
  }

  /**
   * Finds out now what else the first hit would.
   *
   * @throws Refusal if the exception cannot be thrown from here
   */
  void check() throws Refusal {
    thrower();
  }

  private @Nullable Thrower thrower() throws Refusal {
    Thrower found = thrower;
    String name = rule.action().raised(method.exceptions);
    if (found == null && name != null) {
      found = Thrower.find(name, method.loader.get(), rule.action().message());
      thrower = found;
    }
    return found;
  }

  @Override
  public boolean test(@Nullable Object one, @Nullable Object two) {
    return (first == null || first.equal(one))
        && (second == null || second.equal(two))
        && (share == null || share.turn());
  }

  @Override
  public @Nullable Object strike(@Nullable Object first, @Nullable Object second) {
    try {
      Thrower with = thrower();
      if (!rule.takes(first, second)) {
        return null;
      }
      if (with != null) {
        return with.make();
      }
      rule.action().strike(rule.rest(), first, second);
      return Boolean.TRUE;
    } catch (Exception e) {
      rule.broken(method + ": " + e.getMessage());
      return null;
    }
  }

  @Override
  public @Nullable Object value() {
    return Values.NULL.equals(value) ? null : value;
  }

  /** A method as it is in its class file. */
  static final class Method {
    private static final String[] NONE = {};

    private final WeakReference<@Nullable ClassLoader> loader;
    private final String owner;
    private final String name;
    private final String descriptor;
    private final String[] exceptions;

    Method(
        @Nullable ClassLoader loader,
        String owner,
        String name,
        String descriptor,
        String @Nullable [] exceptions) {
      this.loader = new WeakReference<>(loader);
      this.owner = owner;
      this.name = name;
      this.descriptor = descriptor;
      this.exceptions = exceptions == null ? NONE : exceptions;
    }

    @Override
    public String toString() {
      return owner.replace('/', '.') + "#" + name;
    }
  }

  /** What an argument is to be. */
  private static final class Expected {
    private final @Nullable Object value;
    private final String text;

    private Expected(@Nullable Object value, String text) {
      this.value = value;
      this.text = text;
    }

    static Expected of(Type type, String text) throws Refusal {
      boolean primitive = type.getSort() < Type.ARRAY;
      Object value = primitive ? Values.read(type, text) : null;
      if (primitive && value == null) {
        throw Refusal.illegal("argument", "no " + type.getClassName() + ": " + text);
      }
      return new Expected(value, text);
    }

    boolean equal(@Nullable Object argument) {
      return value != null ? value.equals(argument) : Values.equal(text, argument);
    }
  }
}
