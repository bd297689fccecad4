package io.faultd.experiment;

import io.faultd.fault.FaultException;
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
  private static final int LONGEST = 4_000;
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

  /** Of a sweep for what an order had made, which has no record. */
  static AuditLine of(String uid, Order order, Experiments.Swept swept, Instant now) {
    String what = "sweep " + order.target() + " " + order.action();
    return swept(order.permit().actor(), what, uid, swept, now);
  }

  /** Of a sweep over the whole node, by who is root on it. */
  public static AuditLine of(@Nullable String uid, Experiments.Swept swept, Instant now) {
    return swept(new Actor("root", "sweep"), "sweep", uid == null ? "" : uid, swept, now);
  }

  private static AuditLine swept(
      Actor actor, String what, String uid, Experiments.Swept swept, Instant now) {
    String all = "undone: %s; unsure: %s".formatted(swept.undone(), swept.unsure());
    // a node has many stopped processes; the whole list is in the answer
    String some = all.length() > LONGEST ? all.substring(0, LONGEST) + "..." : all;
    return new AuditLine(0, now, actor, what, uid, "Swept", some);
  }

  /**
   * Writes it down by itself, as it belongs to no record. What it tells of is done: if the store
   * cannot take it, the log still does.
   */
  void keep(Store store) {
    try {
      store.note(this);
    } catch (FaultException e) {
      log();
      LOG.log(Level.WARNING, "the audit has no line of it: {0}", e.getMessage());
    }
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
