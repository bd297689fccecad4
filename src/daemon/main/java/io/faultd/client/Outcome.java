package io.faultd.client;

import java.util.Locale;

/** How a command ended: its exit code. */
enum Outcome {
  /** As asked. */
  OK(0, "as asked"),
  /** The daemon, or before it the command line, did not take the order; nothing was changed. */
  REFUSED(1, "refused; nothing was changed"),
  /** The fault could not be put in place, does less than was asked, or ended by itself. */
  NO_EFFECT(2, "no effect: not put in place, less than asked, or ended by itself"),
  /** Not all could be undone, or not yet. */
  RESIDUE(3, "residue: not all could be undone, or not yet"),
  /** The daemon did not answer, or is not ready. */
  UNREACHABLE(4, "unreachable: no daemon answers, or it is not ready"),
  /** Done as asked, but what was to be told of it could not be written. */
  UNWRITTEN(5, "done as asked, but the answer could not be written");

  /** Added for {@code run}, whose other codes are those of the user's command. */
  private static final int OF_RUN = 120;

  private final int code;
  private final String what;

  Outcome(int code, String what) {
    this.code = code;
    this.what = what;
  }

  /** For help. */
  String what() {
    return what;
  }

  /** The exit code of every command but run. */
  int code() {
    return code;
  }

  /** The exit code of run for a failure of its own. */
  int codeOfRun() {
    // the codes of run end with 124; a verdict that cannot be written has that of no effect, too
    return OF_RUN + (this == UNWRITTEN ? NO_EFFECT.code : code);
  }

  /** For verdicts: no-effect. */
  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
