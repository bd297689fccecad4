package io.faultd.http;

import io.faultd.access.Role;
import io.faultd.experiment.Change;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.fault.FaultException;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.sse.SseEvent;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.sse.SseSink;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * The changes of one experiment as server-sent events.
 *
 * <p>Each stream asks for what comes after what it has sent, so that a slow client holds up nothing
 * but its own thread.
 */
final class Events implements Handler {
  private static final HeaderName LAST = HeaderNames.create("Last-Event-ID");
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);
  private static final Duration CHECK = Duration.ofSeconds(2);
  private static final Duration SOON = Duration.ofMillis(50);
  private static final int BATCH = 64;

  private final Supplier<Experiments> experiments;
  private final Duration heartbeat;

  Events(Supplier<Experiments> experiments) {
    this(experiments, HEARTBEAT);
  }

  Events(Supplier<Experiments> experiments, Duration heartbeat) {
    this.experiments = experiments;
    this.heartbeat = heartbeat;
  }

  @Override
  public void handle(ServerRequest req, ServerResponse res) {
    Experiments source = experiments.get();
    Experiment now = ExperimentRoutes.found(source, Parameters.uid(req));
    long seen = last(req);
    if (seen > source.lastChange()) {
      // a number of another data folder: begin anew
      seen = -1;
    }
    if (source.ended(now.uid(), seen)) {
      // tells an event source that there is no more, so that it does not come back
      res.status(io.helidon.http.Status.NO_CONTENT_204).send();
      return;
    }
    Runnable stays = Callers.staying(req, Role.VIEWER);
    try (SseSink sink = res.sink(SseSink.TYPE)) {
      if (seen < 0) {
        emit(sink, now.seq(), now);
        seen = now.seq();
      }
      if (!source.ended(now.uid(), seen)) {
        follow(source, now.uid(), seen, new Client(sink, stays));
      }
    } catch (UncheckedIOException e) {
      throw new CloseConnectionException("the client went away", e);
    }
  }

  /** Who reads, and whether it may go on: throws if not. */
  private record Client(SseSink sink, Runnable stays) {}

  private void follow(Experiments source, String uid, long seen, Client client) {
    try {
      changes(source, uid, seen, client);
    } catch (FaultException e) {
      // the status is long out: an event is all that can still tell why there are no more
      client
          .sink()
          .emit(
              SseEvent.builder().name("error").data(Documents.failure(e, null).toString()).build());
    }
  }

  private void changes(Experiments source, String uid, long seen, Client client) {
    long after = seen;
    Duration check = CHECK;
    long sent = System.nanoTime();
    while (!source.ended(uid, after)) {
      client.stays().run();
      Duration quiet = heartbeat.minusNanos(System.nanoTime() - sent);
      Duration wait = quiet.compareTo(check) < 0 ? quiet : check;
      List<Change> changes = source.changes(uid, after, BATCH, wait);
      for (Change change : changes) {
        client.stays().run(); // whoever reads slowly may have been here for long
        emit(client.sink(), change.seq(), change.experiment());
        after = change.seq();
        check = change.experiment().over() ? SOON : CHECK; // its last change, or what is left comes
        sent = System.nanoTime();
      }
      if (System.nanoTime() - sent >= heartbeat.toNanos()) {
        client.sink().emit(SseEvent.builder().comment(" alive").build());
        sent = System.nanoTime();
      }
    }
  }

  private static void emit(SseSink sink, long seq, Experiment experiment) {
    sink.emit(
        SseEvent.builder()
            .id(Long.toString(seq))
            .name("state")
            .data(Documents.experiment(experiment).toString())
            .build());
  }

  private static long last(ServerRequest req) {
    String text = req.headers().first(LAST).orElse("");
    try {
      return text.isEmpty() ? -1 : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw FaultException.illegal(LAST.defaultCase(), "must be the id of an event");
    }
  }
}
