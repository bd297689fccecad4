package io.faultd.http;

import io.faultd.access.Caller;
import io.faultd.access.Role;
import io.faultd.experiment.Actor;
import io.faultd.experiment.Permit;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.helidon.webserver.http.ServerRequest;

/** Who sent the present request. */
final class Callers {
  private Callers() {}

  /** Remembers who was let in. */
  static void are(ServerRequest req, Caller caller) {
    req.context().register(caller);
  }

  /**
   * Lets pass who has a role.
   *
   * @throws FaultException FORBIDDEN
   */
  static void need(ServerRequest req, Role role) {
    Caller caller = of(req);
    if (!caller.role().covers(role)) {
      throw new FaultException(
          Reason.FORBIDDEN,
          "%s is %s; this takes %s".formatted(caller.name(), caller.role().text(), role.text()));
    }
  }

  /** Whether who sent it has a role. */
  static boolean have(ServerRequest req, Role role) {
    return of(req).role().covers(role);
  }

  /** In whose name the request comes, and what it may order. */
  static Permit permit(ServerRequest req) {
    Caller caller = of(req);
    return new Permit(
        new Actor(caller.name(), caller.from()),
        caller.scopes(),
        caller.targets(),
        caller.role().covers(Role.ADMIN));
  }

  private static Caller of(ServerRequest req) {
    return req.context()
        .get(Caller.class)
        .orElseThrow(() -> new FaultException(Reason.UNAUTHENTICATED, "nobody was let in"));
  }
}
