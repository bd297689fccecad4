package io.faultd.access;

import java.util.Locale;

/** What somebody may do; each may do what those before it may. */
public enum Role {
  /** Look. */
  VIEWER,
  /** Make and end experiments and preparations. */
  OPERATOR,
  /** Touch what is protected, and read who did what. */
  ADMIN;

  /** As it is written in settings and messages. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it is enough where that one is needed. */
  public boolean covers(Role needed) {
    return compareTo(needed) >= 0;
  }
}
