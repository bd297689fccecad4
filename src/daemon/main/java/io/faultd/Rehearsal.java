package io.faultd;

import io.faultd.dispatch.Dispatcher;
import io.faultd.experiment.Ending;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Status;
import io.faultd.fault.Effect;
import io.faultd.fault.Target;
import io.faultd.http.HttpApi;
import io.faultd.jvm.Jvms;
import io.faultd.store.SqliteStore;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Does in vain what orders do, on a thread that nobody waits for, so that the first ones find it
 * loaded, and some of it compiled. Nothing of it stays, here or on the node. The launcher's archive
 * is made when it is over, and has what it has loaded.
 */
final class Rehearsal {
  private static final Logger LOG = System.getLogger(Rehearsal.class.getName());
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** More take memory, and make the first orders hardly any faster (docs/performance.md). */
  private static final int ROUNDS = 5;

  /** No order has such a one. */
  private static final String UID = "rehearsal/1";

  private static final String ORDER =
      """
      {"target":"jvm","action":"delay","flags":{"pid":"%d","classname":"a.B","methodname":"c","time":"1"}}
      """
          .formatted(ProcessHandle.current().pid());

  private final Parts parts;
  private final Thread thread =
      Thread.ofPlatform().name("faultd-rehearsal").daemon().unstarted(this::run);
  private volatile boolean over;

  /** What takes part. */
  record Parts(Dispatcher dispatcher, Jvms jvms, SqliteStore store, TimedExperiments experiments) {}

  private Rehearsal(Parts parts) {
    this.parts = parts;
  }

  /** Begins; returns at once. */
  static Rehearsal begin(Parts parts) {
    Rehearsal rehearsal = new Rehearsal(parts);
    rehearsal.thread.start();
    return rehearsal;
  }

  @SuppressWarnings("IllegalCatch") // whatever it is, orders will tell, and nobody waits for this
  private void run() {
    try {
      io.faultd.jvm.Rehearsal.load();
      for (int i = 0; i < ROUNDS && !over; i++) {
        round(parts);
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      LOG.log(Level.DEBUG, "the first order will tell", e);
    }
  }

  static void round(Parts parts) throws IOException {
    int own = (int) ProcessHandle.current().pid();
    Map<String, String> flags =
        Map.of(
            "pid", Integer.toString(own),
            "classname", "a.B",
            "methodname", "c",
            "time", "1",
            "timeout", "60"); // which settings may require
    var dispatch = parts.dispatcher().dispatch("host", "jvm", "delay", flags);
    parts.jvms().find(null, own, new Target.Host());
    Instant now = Instant.now();
    Experiment record =
        new Experiment(
            UID,
            "host",
            "jvm",
            "delay",
            flags,
            Map.of(),
            "",
            Status.SUCCESS,
            "",
            null,
            200,
            null,
            now,
            now,
            null,
            dispatch.undo(),
            null,
            List.of(),
            List.of(),
            Effect.of(Effect.State.SETTLED, now),
            0,
            null);
    HttpApi.rehearse(ORDER, record);
    parts.store().rehearse(record);
    parts.experiments().rehearse(record);
  }

  /** Ends it, so that what it speaks to can be closed. */
  void close(Ending ending) {
    over = true;
    ending.join(thread, PATIENCE);
  }
}
