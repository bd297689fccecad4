package io.faultd.client;

import jakarta.json.JsonObject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why a command did not do what it was to do. */
class ClientException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Outcome outcome;
  private final transient @Nullable JsonObject answer;

  /**
   * A failure.
   *
   * @param outcome how the command ends
   * @param message for people
   */
  ClientException(Outcome outcome, String message) {
    this(outcome, message, null);
  }

  /**
   * A failure that the daemon told.
   *
   * @param answer what it said
   */
  ClientException(Outcome outcome, String message, @Nullable JsonObject answer) {
    super(message);
    this.outcome = outcome;
    this.answer = answer;
  }

  Outcome outcome() {
    return outcome;
  }

  Optional<JsonObject> answer() {
    return Optional.ofNullable(answer);
  }

  String reason() {
    return answer == null ? "" : answer.getString("reason", "");
  }
}
