package io.faultd.client;

/** Passes a signal on; Java itself can send but two. */
@FunctionalInterface
public interface Relay {
  /**
   * Sends it.
   *
   * @param process a child of this process
   * @param signal its number
   */
  void pass(Process process, int signal);
}
