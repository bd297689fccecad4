package io.faultd.fault;

/** Unwinds an injection whose experiment was cancelled meanwhile; faults let it pass. */
public final class CancelledException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A cancellation. */
  public CancelledException() {
    super("destroyed while being injected", null, false, false);
  }
}
