package io.faultd.client;

import jakarta.json.JsonObject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why a command did not do what it was to do. */
class ClientException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private static final String UNSTORED = "STORE_UNAVAILABLE";

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

  /** Whether it says for sure that an order was refused before there was a record of it. */
  boolean unrecorded() {
    return switch (outcome) {
      case UNREACHABLE -> true;
      case REFUSED ->
          !reason().equals(UNSTORED) && answer().filter(it -> it.containsKey("result")).isEmpty();
      case OK, NO_EFFECT, RESIDUE, UNWRITTEN -> false;
    };
  }

  /** Whether the same may be answered otherwise in a while: too many, or a full disk. */
  boolean passing() {
    return reason().equals("LIMIT") || reason().equals(UNSTORED);
  }

  String reason() {
    return answer == null ? "" : answer.getString("reason", "");
  }
}
