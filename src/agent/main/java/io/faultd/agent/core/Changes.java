package io.faultd.agent.core;

import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Has the JVM change classes. It stands still for each time, and changes all that it is asked for
 * or none: so they come together, and one by one where it refuses. Those that it does not change
 * back are remembered, and asked for again.
 */
final class Changes {
  private final Instrumentation instrumentation;

  /** Not changed back yet. */
  private final Set<Class<?>> stuck = Collections.newSetFromMap(new WeakHashMap<>());

  /** What the JVM said last. */
  private @Nullable Refusal refusal;

  Changes(Instrumentation instrumentation) {
    this.instrumentation = instrumentation;
  }

  /**
   * Changes these, or none of them.
   *
   * @throws Refusal if the JVM refuses
   */
  void make(Collection<Class<?>> types) throws Refusal {
    if (types.isEmpty()) {
      return;
    }
    try {
      instrumentation.retransformClasses(types.toArray(new Class<?>[0]));
    } catch (UnmodifiableClassException | RuntimeException | LinkageError e) {
      throw new Refusal(Refusal.Kind.FAILED, null, "the JVM refused: " + e);
    }
  }

  /**
   * The same, and others are changed back on the way. One that cannot be is in nobody's way.
   *
   * @throws Refusal if the JVM refuses one that is to be changed
   */
  void make(Collection<Class<?>> types, Collection<Class<?>> back) throws Refusal {
    Set<Class<?>> all = new LinkedHashSet<>(back);
    all.addAll(types);
    if (all.size() > types.size() && made(all)) {
      stuck.removeAll(all);
      return;
    }
    make(types);
    stuck.addAll(back);
    stuck.removeAll(types);
  }

  /** Changes back as many of these as the JVM lets us, and of those that it did not let us. */
  void makeBack(Collection<Class<?>> types) {
    Set<Class<?>> all = new LinkedHashSet<>(types);
    all.addAll(stuck);
    stuck.clear();
    if (!made(all)) {
      for (Class<?> type : all) {
        if (!made(Collections.<Class<?>>singletonList(type))) {
          stuck.add(type);
        }
      }
    }
  }

  private boolean made(Collection<Class<?>> types) {
    try {
      make(types);
      return true;
    } catch (Refusal of) {
      refusal = of;
      return false;
    }
  }

  /** Whether there are classes that were not changed back. */
  boolean stuck() {
    return !stuck.isEmpty();
  }

  /**
   * Tells of those.
   *
   * @throws Refusal if there are any
   */
  void check() throws Refusal {
    String left = left();
    if (left != null) {
      throw new Refusal(Refusal.Kind.FAILED, null, left);
    }
  }

  /** What is in those, for people; null if there are none. */
  @Nullable String left() {
    if (!stuck()) {
      return null;
    }
    List<String> names = new ArrayList<>();
    for (Class<?> type : stuck) {
      names.add(type.getName());
    }
    Collections.sort(names);
    String why = refusal == null ? "" : ": " + refusal.getMessage();
    return "code that does nothing any more stays in " + names + why;
  }
}
