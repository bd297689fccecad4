package io.faultd.experiment;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One change of state: who brought what into which state.
 *
 * @param seq durable number, ever growing; 0 before it is on disk
 * @param time when
 * @param actor who, and where from; empty in records of old
 * @param what target and action, or the kind of a preparation
 * @param uid of the experiment or preparation
 * @param outcome the status that it came to
 * @param error why it failed; else empty
 */
public record AuditLine(
    long seq, Instant time, Actor actor, String what, String uid, String outcome, String error) {
  private static final Logger LOG = System.getLogger("io.faultd.Audit");
  private static final Actor NOBODY = new Actor("", "");

  /** Of a record that has just come to its status. */
  public static AuditLine of(Experiment record) {
    String place = record.scope().equals("host") ? "" : record.scope() + " ";
    return new AuditLine(
        0,
        record.updated(),
        somebody(record.by()),
        place + record.target() + " " + record.action(),
        record.uid(),
        record.status().text(),
        record.error());
  }

  /** Of a sweep, which has no record: it is in the log only. */
  static AuditLine of(String uid, Order order, Experiments.Swept swept, Instant now) {
    return new AuditLine(
        0,
        now,
        order.permit().actor(),
        "sweep " + order.target() + " " + order.action(),
        uid,
        "Swept",
        "undone: %s; unsure: %s".formatted(swept.undone(), swept.unsure()));
  }

  /** Whoever it is, if it is somebody. */
  public static Actor somebody(@Nullable Actor actor) {
    return Objects.requireNonNullElse(actor, NOBODY);
  }

  /** Writes it to the log as {@code key=value}, text of clients in quotes. */
  public void log() {
    LOG.log(
        Level.INFO,
        "uid={0} what={1} outcome={2} who={3} from={4} error={5}",
        uid,
        quoted(what),
        outcome,
        quoted(actor.name()),
        quoted(actor.from()),
        quoted(error));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
