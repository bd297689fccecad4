package io.faultd.http;

import io.faultd.access.Admission;
import io.faultd.access.Caller;
import io.faultd.access.Role;
import io.faultd.experiment.Actor;
import io.faultd.experiment.Permit;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.helidon.webserver.http.ServerRequest;
import java.util.function.Supplier;

/** Who sent the present request. */
final class Callers {
  private Callers() {}

  /**
   * Remembers who was let in.
   *
   * @param standing whether it still would be
   */
  static void are(ServerRequest req, Caller caller, Supplier<Admission> standing) {
    req.context().register(caller);
    req.context().register(new Standing(standing));
  }

  /** Asks whether who was let in still would be. */
  private record Standing(Supplier<Admission> admission) {}

  /**
   * Lets go on who still may; for answers that last.
   *
   * @throws FaultException UNAUTHENTICATED or FORBIDDEN
   */
  static Runnable staying(ServerRequest req, Role role) {
    Standing standing =
        req.context()
            .get(Standing.class)
            .orElseThrow(() -> new FaultException(Reason.UNAUTHENTICATED, "nobody was let in"));
    return () -> {
      switch (standing.admission().get()) {
        case Admission.Admitted admitted -> need(admitted.caller(), role);
        case Admission.Refused refused ->
            throw new FaultException(Reason.UNAUTHENTICATED, refused.why());
        case Admission.Barred barred ->
            throw new FaultException(Reason.UNAUTHENTICATED, "too many failed logins");
      }
    };
  }

  /**
   * Lets pass who has a role.
   *
   * @throws FaultException FORBIDDEN
   */
  static void need(ServerRequest req, Role role) {
    need(of(req), role);
  }

  private static void need(Caller caller, Role role) {
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
