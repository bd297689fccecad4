package io.faultd.grpc;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/** Whether a call is refused before any of its messages is read; told by who refuses it. */
final class Verdict {
  private static final Context.Key<Verdict> PRESENT = Context.key("verdict");

  private @Nullable StatusRuntimeException refusal;

  private Verdict() {}

  /** Runs the beginning of a call; returns why it was refused, or null if it was not. */
  static @Nullable StatusRuntimeException of(Runnable beginning) {
    Verdict verdict = new Verdict();
    Context.current().withValue(PRESENT, verdict).run(beginning);
    return verdict.refusal;
  }

  /** The call that begins now is refused. */
  static void refused(StatusRuntimeException why) {
    Verdict present = PRESENT.get();
    if (present != null) {
      present.refusal = why;
    }
  }
}
