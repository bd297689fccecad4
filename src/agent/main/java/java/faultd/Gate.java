package java.faultd;

import org.jspecify.annotations.Nullable;

/**
 * Where woven code asks whether something is to happen. Fails open: whatever goes wrong in here or
 * behind it, the application goes on as if it were not there. Small methods, so that the compiler
 * puts them into the caller.
 */
public final class Gate {
  /** By number. Numbers are never used twice: frames of woven code may outlive their rule. */
  private static volatile @Nullable Probe[] probes = new Probe[0];

  /** Set while our own code runs on a thread; a type of the JDK, so that nothing of ours stays. */
  private static final ThreadLocal<Boolean> INSIDE = new ThreadLocal<>();

  private static int next;
  private static @Nullable Thread owner;
  private static String instance = "";

  private Gate() {}

  /** A call came by, of which the rule looks at nothing. */
  public static void hit(int id) {
    Probe probe = armed(id);
    if (probe != null && passes(probe, null, null)) {
      strike(probe, null, null);
    }
  }

  /** A call came by, of which the rule looks at one value. */
  public static void hit(@Nullable Object first, int id) {
    Probe probe = armed(id);
    if (probe != null && passes(probe, first, null)) {
      strike(probe, first, null);
    }
  }

  /** A call came by, of which the rule looks at two values. */
  public static void hit(@Nullable Object first, @Nullable Object second, int id) {
    Probe probe = armed(id);
    if (probe != null && passes(probe, first, second)) {
      strike(probe, first, second);
    }
  }

  /** Like {@link #hit(int)}; true if the method is to return at once. */
  public static boolean skip(int id) {
    Probe probe = armed(id);
    return probe != null && passes(probe, null, null) && strike(probe, null, null);
  }

  /** Like {@link #hit(Object, int)}; true if the method is to return at once. */
  public static boolean skip(@Nullable Object first, int id) {
    Probe probe = armed(id);
    return probe != null && passes(probe, first, null) && strike(probe, first, null);
  }

  /** Like {@link #hit(Object, Object, int)}; true if the method is to return at once. */
  public static boolean skip(@Nullable Object first, @Nullable Object second, int id) {
    Probe probe = armed(id);
    return probe != null && passes(probe, first, second) && strike(probe, first, second);
  }

  /** What a method returns that was about to return something. */
  public static @Nullable Object result(@Nullable Object value, int id) {
    Probe probe = armed(id);
    return probe != null && passes(probe, null, null) && strike(probe, null, null)
        ? probe.value()
        : value;
  }

  /** Like {@link #result(Object, int)}, of a rule that looks at one value. */
  public static @Nullable Object result(@Nullable Object value, @Nullable Object first, int id) {
    Probe probe = armed(id);
    return probe != null && passes(probe, first, null) && strike(probe, first, null)
        ? probe.value()
        : value;
  }

  /** Like {@link #result(Object, int)}, of a rule that looks at two values. */
  public static @Nullable Object result(
      @Nullable Object value, @Nullable Object first, @Nullable Object second, int id) {
    Probe probe = armed(id);
    return probe != null && passes(probe, first, second) && strike(probe, first, second)
        ? probe.value()
        : value;
  }

  private static @Nullable Probe armed(int id) {
    @Nullable Probe[] all = probes;
    if (id < all.length) {
      Probe probe = all[id];
      return probe != null && probe.armed ? probe : null;
    }
    return null;
  }

  @SuppressWarnings("IllegalCatch") // fails open
  private static boolean passes(Probe probe, @Nullable Object first, @Nullable Object second) {
    try {
      return probe.test(first, second);
    } catch (Throwable failure) {
      return false;
    }
  }

  @SuppressWarnings("IllegalCatch") // fails open
  private static boolean strike(Probe probe, @Nullable Object first, @Nullable Object second) {
    Object outcome;
    try {
      if (!enter()) {
        return false;
      }
      try {
        outcome = probe.strike(first, second);
      } finally {
        leave();
      }
    } catch (Throwable failure) {
      return false;
    }
    if (outcome instanceof Throwable) {
      Gate.<RuntimeException>raise((Throwable) outcome);
    }
    return outcome != null;
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // declared or not, it is thrown
  private static <T extends Throwable> void raise(Throwable thrown) throws T {
    throw (T) thrown;
  }

  /**
   * Marks this thread as running our own code, in which no rule strikes.
   *
   * @return false if it was marked
   */
  public static boolean enter() {
    if (INSIDE.get() != null) {
      return false;
    }
    INSIDE.set(Boolean.TRUE);
    return true;
  }

  /** Takes the mark of {@link #enter} away. */
  public static void leave() {
    INSIDE.remove();
  }

  /**
   * Puts a probe in place.
   *
   * @return its number
   */
  public static synchronized int put(Probe probe) {
    int id = next++;
    @Nullable Probe[] more = new Probe[id + 1];
    System.arraycopy(probes, 0, more, 0, probes.length);
    more[id] = probe;
    probes = more;
    return id;
  }

  /** Takes a probe away; its woven code does nothing from here on. */
  public static synchronized void drop(int id) {
    if (id < probes.length) {
      @Nullable Probe[] fewer = probes.clone();
      fewer[id] = null;
      probes = fewer;
    }
  }

  /**
   * Makes this thread's agent the one of this JVM.
   *
   * @param by the instance of the daemon that it works for
   * @return the instance that has an agent here already, or null
   */
  public static synchronized @Nullable String claim(String by) {
    Thread other = owner;
    if (other != null && other.isAlive()) {
      return instance;
    }
    owner = Thread.currentThread();
    instance = by;
    return null;
  }

  /** This thread's agent has ended: nothing of it stays. */
  public static synchronized void release() {
    if (owner == Thread.currentThread()) {
      owner = null;
      instance = "";
      probes = new Probe[0];
    }
  }
}
