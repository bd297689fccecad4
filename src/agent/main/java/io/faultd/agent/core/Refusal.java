package io.faultd.agent.core;

import org.jspecify.annotations.Nullable;

/** A rule that cannot be, and why. */
public final class Refusal extends Exception {
  private static final long serialVersionUID = 1;

  private final Kind kind;
  private final @Nullable String flag;

  /**
   * Makes one.
   *
   * @param flag whose value is wrong, if it is one's
   */
  public Refusal(Kind kind, @Nullable String flag, String text) {
    super(text);
    this.kind = kind;
    this.flag = flag;
  }

  /** The value of a flag is wrong. */
  public static Refusal illegal(String flag, String text) {
    return new Refusal(Kind.ILLEGAL, flag, text);
  }

  /** Of what kind. */
  public Kind kind() {
    return kind;
  }

  /** The flag whose value is wrong. */
  public @Nullable String flag() {
    return flag;
  }

  /** What the daemon tells apart. */
  public enum Kind {
    /** The daemon does not speak as agreed. */
    BAD_REQUEST("bad-request"),
    /** No such target or action. */
    UNKNOWN_ACTION("unknown-action"),
    /** A flag is missing. */
    MISSING("missing"),
    /** A flag is unknown, or its value is wrong. */
    ILLEGAL("illegal"),
    /** The class is there, the method is not. */
    NO_METHOD("no-method"),
    /** The class or method cannot be woven. */
    NOT_WEAVABLE("not-weavable"),
    /** The rule is there already. */
    CONFLICT("conflict"),
    /** The JVM refused. */
    FAILED("failed"),
    /** An agent of another daemon is here. */
    BUSY("busy");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** As it is sent. */
    public String text() {
      return text;
    }
  }
}
