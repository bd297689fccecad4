package java.faultd;

import org.jspecify.annotations.Nullable;

/** One place of a rule, as woven code sees it; the only implementation is in the agent's core. */
public abstract class Probe {
  /**
   * Whether a call can have an effect now. A field, because it is read by each call of the woven
   * method.
   */
  public volatile boolean armed;

  /**
   * Whether the rule is about this call, and it is its turn. Asked once for each call, and without
   * the guard against recursion, so it must touch nothing but final classes of the JDK, and methods
   * into which nothing is woven.
   *
   * @param first the first value that the rule looks at
   * @param second the second one
   */
  public abstract boolean test(@Nullable Object first, @Nullable Object second);

  /**
   * Does it, on the calling thread.
   *
   * @return null if nothing was done; what is to be thrown; anything else if it was done
   */
  public abstract @Nullable Object strike(@Nullable Object first, @Nullable Object second);

  /** What the method returns instead, already of its type. */
  public abstract @Nullable Object value();
}
