package io.faultd.agent.core;

import java.faultd.Gate;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Method;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The rules of this JVM; classes are woven while one is there that means them, and not longer. */
public final class Rules {
  private final Instrumentation instrumentation;
  private final Weaving weaving = new Weaving();
  private final Changes changes;

  /** What transforming threads see; they take no lock of ours. */
  private final List<Rule> rules = new CopyOnWriteArrayList<>();

  /** Those that strike no more, whose code is still in classes. */
  private final List<Rule> removed = new ArrayList<>();

  private boolean attached;

  /** None yet. */
  public Rules(Instrumentation instrumentation) {
    this.instrumentation = instrumentation;
    this.changes = new Changes(instrumentation);
  }

  /** Those that are there. */
  public Collection<Rule> all() {
    return Collections.unmodifiableCollection(rules);
  }

  /**
   * Puts a rule in place.
   *
   * @throws Refusal if it cannot be; nothing of it stays
   */
  public synchronized void add(Rule rule) throws Refusal {
    for (Rule other : rules) {
      if (other.id().equals(rule.id())) {
        throw new Refusal(Refusal.Kind.CONFLICT, null, "there is a rule " + rule.id());
      }
    }
    rules.add(rule);
    if (!attached) {
      instrumentation.addTransformer(weaving, true);
      attached = true;
    }
    boolean done = false;
    List<Class<?>> woven = new ArrayList<>();
    try {
      List<Class<?>> meant = meant(rule);
      List<Class<?>> fresh = rule.unseen(meant);
      changes.make(fresh, classes(removed));
      removed.clear();
      woven.addAll(fresh);
      judge(rule, meant);
      rule.check();
      rule.arm();
      done = true;
    } finally {
      if (!done) {
        takeOut(Collections.singletonList(rule), woven);
      }
    }
  }

  private void judge(Rule rule, List<Class<?>> meant) throws Refusal {
    Refusal refusal = rule.refusal();
    if (meant.isEmpty() || rule.methods() > 0 || refusal == null) {
      return;
    }
    if (!rule.refuses(refusal)) {
      return;
    }
    if (refusal.kind() == Refusal.Kind.NO_METHOD) {
      Class<?> heir = inherited(rule.pointcut().method(), meant.get(0));
      if (heir != null) {
        throw new Refusal(
            Refusal.Kind.NOT_WEAVABLE,
            "classname",
            meant.get(0).getName() + " inherits the method: name " + heir.getName());
      }
    }
    throw refusal;
  }

  /** The class above that has a method. */
  private static @Nullable Class<?> inherited(String name, Class<?> type) {
    Class<?> above = type.getSuperclass();
    if (above == null) {
      return null;
    }
    try {
      for (Method method : above.getDeclaredMethods()) {
        if (method.getName().equals(name)) {
          return above;
        }
      }
    } catch (LinkageError e) {
      return null;
    }
    return inherited(name, above);
  }

  private List<Class<?>> meant(Rule rule) throws Refusal {
    List<Class<?>> meant = new ArrayList<>();
    String unfit = null;
    for (Class<?> type : instrumentation.getAllLoadedClasses()) {
      if (!Kin.means(rule.pointcut(), type)) {
        continue;
      }
      if (Kin.untouched(type.getName().replace('.', '/'), rule)) {
        unfit = type.getName() + " is a class that the gate itself needs";
      } else if (!instrumentation.isModifiableClass(type)) {
        unfit = type.getName() + " cannot be changed";
      } else {
        meant.add(type);
      }
    }
    if (unfit != null && meant.isEmpty() && !rule.pointcut().overriding()) {
      throw new Refusal(Refusal.Kind.NOT_WEAVABLE, "classname", unfit);
    }
    return meant;
  }

  /**
   * Looks for classes that came unseen: while a rule was being put in place, or below classes whose
   * files their loader did not give. Cheap.
   */
  public synchronized void look() {
    for (Rule rule : rules) {
      boolean overriding = rule.pointcut().overriding();
      if (overriding || rule.state().equals("waiting")) {
        try {
          changes.make(rule.unseen(meant(rule)));
        } catch (Refusal refusal) {
          rule.broken(String.valueOf(refusal.getMessage()));
        }
      }
    }
  }

  /**
   * Takes a rule back: it strikes no more, and whom it delays goes on. Its code, which then does
   * nothing, is taken out of classes by {@link #tidy}, for which the JVM stands still.
   *
   * @return it, or null if there was none
   */
  public synchronized @Nullable Rule remove(String id) {
    for (Rule rule : rules) {
      if (rule.id().equals(id)) {
        rule.disarm();
        rules.remove(rule);
        removed.add(rule);
        return rule;
      }
    }
    return null;
  }

  /** Whether there is code of rules that were removed. */
  public synchronized boolean untidy() {
    return !removed.isEmpty() || changes.stuck();
  }

  /** What the JVM did not let out of classes when that was tried, for people; null: nothing. */
  public synchronized @Nullable String left() {
    return changes.left();
  }

  /**
   * Takes that out.
   *
   * @throws Refusal if the JVM does not let it out of a class; it is still {@link #untidy} then
   */
  public synchronized void tidy() throws Refusal {
    if (untidy()) {
      takeOut(Collections.<Rule>emptyList());
    }
  }

  /**
   * Takes all rules back, and their code out.
   *
   * @throws Refusal as {@link #tidy}; what is still in there does nothing
   */
  public synchronized void clear() throws Refusal {
    takeOut(new ArrayList<>(rules));
  }

  private void takeOut(List<Rule> more) throws Refusal {
    List<Rule> all = new ArrayList<>(removed);
    removed.clear();
    all.addAll(more);
    takeOut(all, classes(all));
    changes.check();
  }

  private List<Class<?>> classes(List<Rule> of) {
    List<Rule> woven = new ArrayList<>();
    for (Rule rule : of) {
      rule.disarm();
      if (rule.methods() > 0) {
        woven.add(rule);
      }
    }
    if (woven.isEmpty()) {
      return Collections.emptyList();
    }
    List<Class<?>> types = new ArrayList<>();
    for (Class<?> type : instrumentation.getAllLoadedClasses()) {
      if (meant(woven, type) && instrumentation.isModifiableClass(type)) {
        types.add(type);
      }
    }
    return types;
  }

  private static boolean meant(List<Rule> by, Class<?> type) {
    for (Rule rule : by) {
      if (Kin.means(rule.pointcut(), type)) {
        return true;
      }
    }
    return false;
  }

  private void takeOut(List<Rule> out, List<Class<?>> types) {
    for (Rule rule : out) {
      rule.disarm();
    }
    rules.removeAll(out);
    if (rules.isEmpty() && attached) {
      instrumentation.removeTransformer(weaving);
      attached = false;
    }
    changes.makeBack(types);
  }

  /**
   * A retransformation that changes nothing. On JDK 20 and before the first one of a JVM throws
   * away all compiled code (JDK-8324241): so this is the moment, not the first rule.
   */
  public void prime() throws Refusal {
    changes.make(Collections.<Class<?>>singletonList(Primed.class));
  }

  /** Changed without a change. */
  private static final class Primed {
    private Primed() {}
  }

  /** What the JVM asks, on threads of the application. Never throws. */
  private final class Weaving implements ClassFileTransformer {
    /** Our own classes pass by first: what looks at others may not be loaded yet itself. */
    private final ClassLoader own = Rules.class.getClassLoader();

    private final Map<ClassLoader, Boolean> seeing =
        Collections.synchronizedMap(new WeakHashMap<ClassLoader, Boolean>());

    @Override
    @SuppressWarnings("IllegalCatch") // fails open
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        @Nullable String name,
        @Nullable Class<?> type,
        @Nullable ProtectionDomain domain,
        byte[] file) {
      if (name == null || own.equals(loader) || rules.isEmpty()) {
        return null;
      }
      boolean outside = false;
      try {
        outside = Gate.enter();
        return weave(loader, name, type, file);
      } catch (Throwable failure) {
        return null;
      } finally {
        if (outside) {
          Gate.leave();
        }
      }
    }

    @SuppressWarnings("IllegalCatch") // the reason is kept, the class stays as it is
    private byte @Nullable [] weave(
        @Nullable ClassLoader loader, String name, @Nullable Class<?> type, byte[] file) {
      List<Rule> meaning = new ArrayList<>();
      for (Rule rule : rules) {
        boolean means =
            type != null
                ? Kin.means(rule.pointcut(), type)
                : Kin.means(rule.pointcut(), name, file, loader);
        if (means && !Kin.untouched(name, rule)) {
          meaning.add(rule);
        }
      }
      if (meaning.isEmpty()) {
        return null;
      }
      try {
        if (!sees(loader)) {
          throw new IllegalStateException("its class loader hides the JDK");
        }
        return Weaver.weave(loader, file, meaning);
      } catch (Throwable failure) {
        for (Rule rule : meaning) {
          rule.refused(
              new Refusal(
                  Refusal.Kind.NOT_WEAVABLE,
                  "classname",
                  name.replace('/', '.') + " cannot be woven: " + failure));
          rule.passed();
        }
        return null;
      }
    }

    /** Whether classes of a loader find our gate, and not another one or none. */
    private boolean sees(@Nullable ClassLoader loader) {
      if (loader == null) {
        return true;
      }
      Boolean known = seeing.get(loader);
      if (known == null) {
        try {
          known = Class.forName("java.faultd.Gate", false, loader) == Gate.class;
        } catch (ClassNotFoundException | LinkageError e) {
          known = false;
        }
        seeing.put(loader, known);
      }
      return known;
    }
  }
}
