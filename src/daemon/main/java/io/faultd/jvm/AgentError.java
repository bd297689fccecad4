package io.faultd.jvm;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;

/** What an agent refuses, in the words of every interface. */
final class AgentError {
  private AgentError() {}

  static FaultException of(Line error, JvmProcess jvm) {
    Reason reason =
        switch (error.field("kind")) {
          case "unknown-action" -> Reason.UNKNOWN_ACTION;
          case "missing" -> Reason.MISSING_PARAMETER;
          case "illegal", "no-method" -> Reason.ILLEGAL_PARAMETER;
          case "not-weavable" -> Reason.UNSUPPORTED;
          case "conflict", "busy" -> Reason.CONFLICT;
          // failed, bad-request, and what a later agent may say
          default -> Reason.INJECT_FAILED;
        };
    String flag = error.field("flag");
    String text = error.field("text");
    return new FaultException(
        reason,
        reason.code(),
        flag.isEmpty() ? null : flag,
        flag.isEmpty() ? jvm + ": " + text : flag + ": " + text);
  }
}
