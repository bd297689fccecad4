package io.faultd.client;

import jakarta.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a trial went, filled in as it goes. */
final class Verdict {
  private final Order order;
  private final List<String> command;
  private final Instant begun = Instant.now();

  private JsonObject record = JsonObject.EMPTY_JSON_OBJECT;
  private JsonObject first = JsonObject.EMPTY_JSON_OBJECT;
  private @Nullable Instant injected;
  private @Nullable Instant started;
  private @Nullable Instant ended;
  private @Nullable Instant takenBack;
  private @Nullable Integer code;
  private @Nullable String signal;
  private Outcome outcome = Outcome.OK;
  private String error = "";
  private boolean made = true;

  Verdict(Order order, List<String> command) {
    this.order = order;
    this.command = command;
  }

  void injected(JsonObject now) {
    injected = Instant.now();
    first = now;
    record = now;
  }

  void started() {
    started = Instant.now();
  }

  void ended(int exitCode) {
    ended = Instant.now();
    code = exitCode;
  }

  /** The daemon has told for sure that it never began. */
  void notMade() {
    made = false;
  }

  void seen(JsonObject now) {
    record = now;
  }

  void takenBack() {
    takenBack = Instant.now();
  }

  void interrupted(String by) {
    signal = by;
  }

  /** A failure that is not the command's; what is left behind is worse than what had no effect. */
  void failed(Outcome how, String why) {
    if (outcome.compareTo(how) <= 0) {
      outcome = how;
    }
    error = error.isEmpty() ? why : error + "; " + why;
  }

  Order order() {
    return order;
  }

  List<String> command() {
    return command;
  }

  /** The record as it was last seen while the command ran; empty if there was none. */
  JsonObject record() {
    return record;
  }

  /** The record as it was when the fault was in place; empty if it never was. */
  JsonObject first() {
    return first;
  }

  Outcome outcome() {
    return outcome;
  }

  String error() {
    return error;
  }

  Instant begun() {
    return begun;
  }

  @Nullable Integer code() {
    return code;
  }

  @Nullable String signal() {
    return signal;
  }

  /** Whether there is, or may be, a record. */
  boolean made() {
    return made;
  }

  boolean undone() {
    return takenBack != null;
  }

  Duration injecting() {
    return between(begun, injected);
  }

  Duration running() {
    return between(started, ended);
  }

  Duration undoing() {
    return between(ended == null ? injected : ended, takenBack);
  }

  private static Duration between(@Nullable Instant from, @Nullable Instant to) {
    return from == null || to == null ? Duration.ZERO : Duration.between(from, to);
  }

  /** The exit code of run. */
  int exitCode() {
    if (outcome != Outcome.OK) {
      return outcome.codeOfRun();
    }
    if (code != null) {
      return code;
    }
    return signal == null ? Outcome.NO_EFFECT.codeOfRun() : Signals.exitCode(signal);
  }

  /** passed, failed, interrupted, or what failed of our own. */
  String result() {
    if (outcome != Outcome.OK) {
      return outcome.text();
    }
    if (signal != null) {
      return "interrupted";
    }
    return Integer.valueOf(0).equals(code) ? "passed" : "failed";
  }
}
