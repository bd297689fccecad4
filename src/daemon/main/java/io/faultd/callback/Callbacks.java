package io.faultd.callback;

import io.faultd.experiment.Change;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Outbox;
import io.faultd.experiment.Outbox.News;
import io.faultd.fault.FaultException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Tells each status that an experiment comes to, in order and at least once, for a day. Nobody
 * waits for it: what is not told yet is on disk, and an address that does not answer holds up
 * nothing but the news of its own experiments.
 */
public final class Callbacks implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Callbacks.class.getName());
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
  private static final Duration IDLE = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofDays(1);
  private static final Duration LAST_WORDS = Duration.ofMillis(500);
  private static final int AT_ONCE = 16;
  private static final int PAGE = 256;

  private final Parts parts;
  private final Map<String, Thread> tellers = new ConcurrentHashMap<>();
  private final Semaphore room = new Semaphore(AT_ONCE);
  private final Thread listener =
      Thread.ofPlatform().daemon().name("faultd-callbacks").unstarted(this::listen);
  private volatile boolean closed;

  /**
   * What they work with.
   *
   * @param outbox what is to be told
   * @param experiments what there is to tell
   * @param allowed whether an address may be called
   * @param document a record as clients see it
   * @param pause after a first failure; then twice as long each time, up to 5 minutes
   */
  public record Parts(
      Outbox outbox,
      Experiments experiments,
      Predicate<String> allowed,
      Function<Experiment, String> document,
      Duration pause) {}

  /** Begins, with what the last daemon left. */
  public Callbacks(Parts parts) {
    this.parts = parts;
    listener.start();
  }

  private void listen() {
    long seen = -1;
    while (!closed) {
      try {
        if (seen < 0) {
          seen = parts.experiments().lastChange();
          parts.outbox().uids().forEach(this::begin);
        }
        for (Change change : parts.experiments().changes(null, seen, PAGE, IDLE)) {
          if (change.experiment().endpoint().isPresent()) {
            begin(change.experiment().uid());
          }
          seen = change.seq();
        }
      } catch (FaultException e) {
        // the outbox is in the same store, and has all of it when that is back
        LOG.log(Level.WARNING, "callbacks: {0}", e.getMessage());
        closed |= !slept(parts.pause());
      }
    }
  }

  private void begin(String uid) {
    tellers.computeIfAbsent(
        uid, one -> Thread.ofVirtual().name("callback-" + one).start(() -> tellAll(one)));
  }

  /** Whether there is nothing left to tell of it; whoever writes more of it now begins anew. */
  private boolean ended(String uid) {
    return tellers.computeIfPresent(
            uid, (one, teller) -> parts.outbox().first(one).isEmpty() ? null : teller)
        == null;
  }

  private void tellAll(String uid) {
    Duration pause = parts.pause();
    while (!closed) {
      try {
        Optional<News> news = parts.outbox().first(uid);
        if (news.isEmpty() && ended(uid)) {
          return;
        }
        if (news.isPresent()) {
          tell(news.get());
          parts.outbox().remove(news.get());
          pause = parts.pause();
        }
      } catch (IOException | FaultException e) {
        LOG.log(Level.WARNING, "callback of {0}: {1}; again in {2}", uid, e.getMessage(), pause);
        if (!slept(pause)) {
          return;
        }
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
      }
    }
  }

  private void tell(News news) throws IOException {
    Optional<Experiment> record =
        parts.experiments().changes(news.uid(), news.seq() - 1, 1, Duration.ZERO).stream()
            .filter(change -> change.seq() == news.seq())
            .map(Change::experiment)
            .findFirst();
    if (record.isEmpty()) {
      return; // it was older than records are kept
    }
    if (!parts.allowed().test(news.address())) {
      LOG.log(Level.WARNING, "callback of {0}: its address is no longer allowed", news.uid());
    } else if (record.get().updated().isBefore(Instant.now().minus(PATIENCE))) {
      LOG.log(Level.WARNING, "callback of {0}: nobody has listened for a day", news.uid());
    } else {
      post(news, parts.document().apply(record.get()));
    }
  }

  private void post(News news, String document) throws IOException {
    room.acquireUninterruptibly();
    try {
      Post.send(
          URI.create(news.address()),
          document.getBytes(StandardCharsets.UTF_8),
          news.uid() + "-" + news.seq());
    } finally {
      room.release();
    }
  }

  private static boolean slept(Duration pause) {
    try {
      Thread.sleep(pause);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Tells what can be told within half a second; the next daemon tells the rest. */
  @Override
  public void close() {
    try {
      parts.outbox().uids().forEach(this::begin);
    } catch (FaultException e) {
      LOG.log(Level.WARNING, "callbacks: {0}", e.getMessage());
    }
    long end = System.nanoTime() + LAST_WORDS.toNanos();
    List<Thread> last = List.copyOf(tellers.values());
    last.forEach(teller -> join(teller, end));
    closed = true;
    listener.interrupt();
    last.forEach(Thread::interrupt);
    long deadline = System.nanoTime() + LAST_WORDS.toNanos();
    join(listener, deadline);
    last.forEach(teller -> join(teller, deadline));
  }

  private static void join(Thread thread, long end) {
    try {
      thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
