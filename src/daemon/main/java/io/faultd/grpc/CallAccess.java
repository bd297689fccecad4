package io.faultd.grpc;

import io.faultd.access.Access;
import io.faultd.access.Admission;
import io.faultd.access.Caller;
import io.faultd.access.Presented;
import io.faultd.access.Role;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.grpc.health.v1.HealthGrpc;

/** Says who may call; asked before a message of the call is read. */
@FunctionalInterface
public interface CallAccess {
  /**
   * Lets a call pass.
   *
   * @param method full name, as {@code faultd.v1.NodeService/GetInfo}
   * @param presented what is known of its caller
   * @throws FaultException UNAUTHENTICATED, FORBIDDEN or LIMIT
   */
  Caller check(String method, Presented presented);

  /**
   * Lets a call go on that was let pass before, now that files may say otherwise or a certificate
   * may be over.
   *
   * @param method full name
   * @param presented what was known of its caller
   * @throws FaultException UNAUTHENTICATED or FORBIDDEN
   */
  default void stays(String method, Presented presented) {
    check(method, presented);
  }

  /** That of both ports: who looks only needs less than who changes something. */
  static CallAccess of(Access access) {
    return new CallAccess() {
      @Override
      public Caller check(String method, Presented presented) {
        return admitted(method, access.admit(presented));
      }

      @Override
      public void stays(String method, Presented presented) {
        admitted(method, access.standing(presented));
      }
    };
  }

  private static Caller admitted(String method, Admission admission) {
    return switch (admission) {
      case Admission.Admitted admitted -> allowed(method, admitted.caller());
      case Admission.Refused refused ->
          throw new FaultException(Reason.UNAUTHENTICATED, refused.why());
      case Admission.Barred barred ->
          throw new FaultException(
              Reason.LIMIT,
              "too many failed logins; try again in %d s".formatted(barred.left().toSeconds() + 1));
    };
  }

  /**
   * Whether a method changes something.
   *
   * @param method full name
   */
  static boolean orders(String method) {
    return !method.startsWith(HealthGrpc.SERVICE_NAME + "/")
        && role(method.substring(method.indexOf('/') + 1)) == Role.OPERATOR;
  }

  private static Caller allowed(String method, Caller caller) {
    Role needed = role(method.substring(method.indexOf('/') + 1));
    if (!caller.role().covers(needed)) {
      throw new FaultException(
          Reason.FORBIDDEN,
          "%s is %s; this takes %s".formatted(caller.name(), caller.role().text(), needed.text()));
    }
    return caller;
  }

  private static Role role(String name) {
    if (name.equals("ListAuditLines")) {
      return Role.ADMIN;
    }
    boolean looks =
        name.startsWith("Get")
            || name.startsWith("List")
            || name.startsWith("Watch")
            || name.equals("ServerReflectionInfo");
    return looks ? Role.VIEWER : Role.OPERATOR;
  }
}
