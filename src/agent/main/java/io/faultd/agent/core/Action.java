package io.faultd.agent.core;

import org.jspecify.annotations.Nullable;

/** What a rule does when it strikes. */
public abstract class Action {
  /** Made by subclasses. */
  protected Action() {}

  /** Whether the method returns at once; what, says {@link #returns}. */
  public boolean skips() {
    return false;
  }

  /** What the method returns instead, as text, if it does. */
  public @Nullable String returns() {
    return null;
  }

  /** Whether something is thrown. */
  public boolean raises() {
    return false;
  }

  /**
   * What a method is to throw.
   *
   * @param declared what it declares
   * @return the name of a class, or null if this method cannot be struck
   */
  public @Nullable String raised(String[] declared) {
    return null;
  }

  /** With what message, if something is thrown. */
  public String message() {
    return "";
  }

  /**
   * Does it, on the application's thread, if nothing is to be thrown.
   *
   * @param rest where to wait
   * @throws Exception which counts as having done nothing
   */
  public void strike(Rest rest, @Nullable Object first, @Nullable Object second) throws Exception {}
}
