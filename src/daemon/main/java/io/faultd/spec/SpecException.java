package io.faultd.spec;

/** A spec file that cannot be used: stops the start, and names file and key. */
public final class SpecException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * A defect.
   *
   * @param file the spec file
   * @param key where in it, as {@code actions.0.flags.2.min}; empty: the file as a whole
   * @param message what is wrong
   */
  SpecException(String file, String key, String message) {
    super(file + ": " + (key.isEmpty() ? "" : key + ": ") + message);
  }
}
