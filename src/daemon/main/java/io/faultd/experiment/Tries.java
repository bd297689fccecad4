package io.faultd.experiment;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How often something could not be taken back. */
final class Tries {
  private int count;
  private @Nullable Instant since;
  private String error = "";

  /** It could not be once more. */
  void failed(String why, Instant now) {
    count++;
    since = since == null ? now : since;
    error = why;
  }

  boolean any() {
    return count > 0;
  }

  /**
   * The same as what is left.
   *
   * @param step what it would put back
   */
  Residue residue(String step, Instant now) {
    return new Residue(step, since == null ? now : since, count, error);
  }
}
