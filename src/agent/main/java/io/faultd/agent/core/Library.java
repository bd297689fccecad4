package io.faultd.agent.core;

import org.jspecify.annotations.Nullable;

/** Something whose calls a rule can be about: where they pass, and what can be known of them. */
public interface Library {
  /** The target of its rules. */
  String target();

  /**
   * Where a rule of these matchers strikes.
   *
   * @param flags to take them from
   * @throws Refusal if one is wrong
   */
  Aim aim(Flags flags) throws Refusal;

  /**
   * What a rule does.
   *
   * @param name the action's
   * @param flags to take its own from
   * @throws Refusal if there is no such action, or a flag is wrong
   */
  Action action(String name, Flags flags) throws Refusal;

  /**
   * What a rule does by itself, at no method: then it has neither aim nor action.
   *
   * @param name the action's
   * @param flags to take its own from; nothing may be left
   * @return null if the action is not one of these
   * @throws Refusal if a flag is wrong
   */
  @Nullable Load load(String name, Flags flags) throws Refusal;
}
