package io.faultd.experiment;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.util.Set;

/**
 * In whose name an order comes, and what it may be about.
 *
 * @param actor who orders
 * @param scopes host, cri; empty: all
 * @param targets canonical names; empty: all
 * @param protectedToo whether it may name protected things in {@code allow-protected}
 */
public record Permit(Actor actor, Set<String> scopes, Set<String> targets, boolean protectedToo) {
  /** The daemon's own. */
  public static final Permit OWN = new Permit(Actor.own("order"), Set.of(), Set.of(), true);

  /**
   * Lets pass what it allows.
   *
   * @param scope host or cri
   * @param target canonical
   * @throws FaultException FORBIDDEN, naming what is not allowed
   */
  public void check(String scope, String target) {
    if (!scopes.isEmpty() && !scopes.contains(scope)) {
      throw forbidden("scope", scope, scopes);
    }
    if (!targets.isEmpty() && !targets.contains(target)) {
      throw forbidden("target", target, targets);
    }
  }

  /**
   * Lets pass what is bounded in nothing, for what would be touched is not known.
   *
   * @throws FaultException FORBIDDEN, naming what takes that
   */
  void checkUnbounded(String what) {
    if (bounded()) {
      throw new FaultException(Reason.FORBIDDEN, unbounded(what));
    }
  }

  /**
   * The same of what a flag orders.
   *
   * @throws FaultException FORBIDDEN, naming the flag
   */
  void checkUnboundedBy(String flag) {
    if (bounded()) {
      throw new FaultException(
          Reason.FORBIDDEN,
          Reason.FORBIDDEN.code(),
          flag,
          unbounded(flag + ", which may end what others have in place,"));
    }
  }

  private String unbounded(String what) {
    return "%s is for those who may touch all scopes and targets, which %s may not"
        .formatted(what, actor.name());
  }

  /** Whether there is anything that it does not allow. */
  boolean bounded() {
    return !scopes.isEmpty() || !targets.isEmpty();
  }

  /** Whether it allows this. */
  boolean covers(Experiment experiment) {
    return (scopes.isEmpty() || scopes.contains(experiment.scope()))
        && (targets.isEmpty() || targets.contains(experiment.target()));
  }

  private FaultException forbidden(String field, String value, Set<String> allowed) {
    return new FaultException(
        Reason.FORBIDDEN,
        Reason.FORBIDDEN.code(),
        field,
        "%s may not touch %s %s, but %s"
            .formatted(
                actor.name(), field, value, String.join(", ", allowed.stream().sorted().toList())));
  }
}
