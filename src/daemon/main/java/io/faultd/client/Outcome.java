package io.faultd.client;

import java.util.Locale;

/** How a command ended: its exit code. */
enum Outcome {
  /** As asked. */
  OK(0),
  /** The daemon, or before it the command line, did not take the order; nothing was changed. */
  REFUSED(1),
  /** The fault could not be put in place, does less than was asked, or ended by itself. */
  NO_EFFECT(2),
  /** Not all could be undone, or not yet. */
  RESIDUE(3),
  /** The daemon did not answer, or is not ready. */
  UNREACHABLE(4),
  /** Done as asked, but what was to be told of it could not be written. */
  UNWRITTEN(5);

  /** Added for {@code run}, whose other codes are those of the user's command. */
  private static final int OF_RUN = 120;

  private final int code;

  Outcome(int code) {
    this.code = code;
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
