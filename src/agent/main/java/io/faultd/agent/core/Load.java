package io.faultd.agent.core;

/** Something that a rule does by itself, at no method. */
public interface Load {
  /** Begins. */
  void start();

  /** How many threads it has. */
  int threads();

  /** Ends; when this returns nothing is left. */
  void stop();
}
