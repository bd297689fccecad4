package io.faultd.http;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.helidon.http.Status;

/** A request that HTTP itself refuses, with a status that the reason alone would not give. */
final class HttpFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Status status;

  HttpFailure(Status status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  Status status() {
    return status;
  }

  FaultException failure() {
    return new FaultException(Reason.BAD_REQUEST, String.valueOf(getMessage()));
  }
}
