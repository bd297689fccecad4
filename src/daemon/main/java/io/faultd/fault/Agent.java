package io.faultd.fault;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What of ours runs inside of a JVM and breaks it from there: it is told rules, which it keeps as
 * long as this process lives.
 */
public interface Agent {
  /**
   * Sees to it that it is there; all that follows needs that.
   *
   * @param anew whether one that is there is sent away first, with all its rules
   * @param wanted throws if nobody wants it any more; asked when the JVM is about to be touched,
   *     for others may be at work there until then
   * @throws FaultException if this JVM cannot be attached to; says why
   */
  void prepare(boolean anew, Runnable wanted) throws IOException;

  /**
   * Adds a rule; it works when this returns, or waits for its class.
   *
   * @param order what it does
   * @throws FaultException what the JVM does not have or allow; nothing is then left of the rule
   */
  Rule add(Order order) throws IOException;

  /**
   * How a rule does.
   *
   * @return empty if the agent does not have it (any more)
   * @throws FaultException if the agent has gone, or is silent
   */
  Optional<Rule> look(String id) throws IOException;

  /** Removes a rule, if it is there; its class is as it was before, and who was delayed goes on. */
  void remove(String id) throws IOException;

  /**
   * What a rule does.
   *
   * @param id the experiment
   * @param target whose classes: jvm, or a library
   * @param action what happens to them
   * @param flags how, and to which calls
   */
  record Order(String id, String target, String action, Map<String, String> flags) {}

  /** Where a rule is in its life. */
  enum State {
    /** In the code of at least one class, or running. */
    ARMED,
    /** No class that it is for is loaded yet. */
    WAITING,
    /** It has struck as often as it should. */
    SPENT,
    /** The JVM did not let it into a class. */
    BROKEN
  }

  /**
   * A rule as it is now.
   *
   * @param state where it is in its life
   * @param hits how often it has struck
   * @param classes in how many it is
   * @param error why it is broken; else empty
   * @param warnings for people
   */
  record Rule(State state, long hits, long classes, String error, List<String> warnings) {}
}
