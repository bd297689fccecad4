package io.faultd.callback;

import io.faultd.experiment.Change;
import io.faultd.experiment.Ending;
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
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tells each status that an experiment comes to, in order and at least once, for a day. Nobody
 * waits for it: what is not told yet is on disk, and a server that does not answer holds up nothing
 * but the news that is for it.
 */
public final class Callbacks implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Callbacks.class.getName());
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
  private static final Duration IDLE = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofDays(1);
  private static final Duration LAST_WORDS = Duration.ofMillis(500);
  private static final int AT_ONCE = 16;
  private static final int PAGE = 256;

  /** So many experiments wait for their turn here; the others wait on disk. */
  static final int MOST = 2048;

  /** While others wait on disk, one that failed leaves its place to them after so many pauses. */
  private static final int CROWDED = 30;

  private final Parts parts;

  /** Those that have a turn, or will have one: by uid, the pause after their next failure. */
  private final Map<String, Duration> waiting = new ConcurrentHashMap<>();

  private final ScheduledThreadPoolExecutor turns =
      new ScheduledThreadPoolExecutor(
          AT_ONCE,
          Thread.ofVirtual().name("callback-", 0).factory(),
          new ThreadPoolExecutor.DiscardPolicy());
  private final Thread listener =
      Thread.ofPlatform().daemon().name("faultd-callbacks").unstarted(this::listen);

  /** Whether there may be some on disk that do not wait here, and where to look on. */
  private volatile boolean more = true;

  private String last = "";
  private volatile boolean closed;
  private final Lanes lanes = new Lanes();

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
          refill();
        }
        for (Change change : parts.experiments().changes(null, seen, PAGE, IDLE)) {
          if (change.experiment().endpoint().isPresent()) {
            begin(change.experiment().uid());
          }
          seen = change.seq();
        }
      } catch (RuntimeException e) {
        // the outbox is in the same store, and has all of it when that is back
        LOG.log(Level.WARNING, "callbacks: {0}", e.toString());
        closed |= !slept(parts.pause());
      }
    }
  }

  /** How many experiments wait for their turn here. */
  int waiting() {
    return waiting.size();
  }

  private void begin(String uid) {
    if (waiting.size() >= MOST) {
      more = true;
    } else if (waiting.putIfAbsent(uid, parts.pause()) == null) {
      turn(uid, Duration.ZERO);
    }
  }

  private void turn(String uid, Duration pause) {
    later(() -> tellAll(uid), pause);
  }

  private void later(Runnable work, Duration pause) {
    // each catches what it may meet itself
    var unused = turns.schedule(work, pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Takes some that wait on disk, from where the last ones were, once there is room for many. */
  private synchronized void refill() {
    int free = MOST - waiting.size();
    if (!more || free < MOST / 2) {
      return;
    }
    try {
      more = false;
      List<String> page = parts.outbox().uids(last, free);
      boolean whole = last.isEmpty() && page.size() < free;
      last = page.size() < free ? "" : page.getLast();
      more |= !whole;
      page.forEach(this::begin);
    } catch (RuntimeException e) {
      more = true;
      LOG.log(Level.WARNING, "callbacks: {0}", e.toString());
      later(this::refill, parts.pause());
    }
  }

  /** Whether there is nothing left to tell of it; whoever writes more of it now begins anew. */
  private boolean ended(String uid) {
    return waiting.computeIfPresent(
            uid, (one, pause) -> parts.outbox().first(one).isEmpty() ? null : pause)
        == null;
  }

  private void tellAll(String uid) {
    Queue<String> own = new ArrayDeque<>(List.of(uid));
    for (String each = own.poll(); each != null; each = own.poll()) {
      own.addAll(told(each));
      refill();
    }
  }

  /** Tells all there is of one; returns whose turn it is now, which the same worker must see to. */
  private List<String> told(String uid) {
    String server = null;
    boolean failed = true;
    List<String> next = List.of();
    try {
      Optional<News> news = parts.outbox().first(uid);
      while (!closed && (news.isPresent() || !ended(uid))) {
        if (news.isPresent()) {
          if (server == null && !lanes.enter(server(news.get()), uid)) {
            return next;
          }
          server = server(news.get());
          tell(news.get());
          parts.outbox().remove(news.get());
          waiting.replace(uid, parts.pause());
        }
        news = parts.outbox().first(uid);
      }
      failed = false;
    } catch (IOException | RuntimeException e) {
      Duration pause = waiting.getOrDefault(uid, parts.pause());
      LOG.log(Level.WARNING, "callback of {0}: {1}; again in {2}", uid, e.toString(), pause);
      Duration doubled = pause.multipliedBy(2);
      again(uid, doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled);
    } finally {
      next = leave(server, failed);
    }
    return next;
  }

  /** All that an experiment has to tell goes to one server. */
  private static String server(News news) {
    return URI.create(news.address()).getRawAuthority();
  }

  private List<String> leave(@Nullable String server, boolean failed) {
    if (server == null) {
      return List.of();
    }
    List<String> next = lanes.leave(server, failed);
    if (failed) {
      next.forEach(each -> again(each, waiting.getOrDefault(each, parts.pause())));
      return List.of();
    }
    if (next.isEmpty() || turns.isShutdown()) {
      return next; // a turn that is asked for while the daemon stops is none
    }
    next.subList(1, next.size()).forEach(each -> turn(each, Duration.ZERO));
    return List.of(next.getFirst());
  }

  /** Tries again after the present pause; the one after that is as given. */
  private void again(String uid, Duration next) {
    if (more) {
      later(() -> leave(uid), parts.pause().multipliedBy(CROWDED));
    } else {
      Duration pause = waiting.getOrDefault(uid, parts.pause());
      waiting.replace(uid, next);
      turn(uid, pause);
    }
  }

  /** Leaves its place to those that wait on disk, as it does from now on. */
  private void leave(String uid) {
    more = true;
    waiting.remove(uid);
    refill();
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
      return;
    }
    try {
      post(news, parts.document().apply(record.get()));
    } catch (IOException | RuntimeException e) {
      // only now: a clock that was set forward makes old what was never tried
      if (record.get().updated().isAfter(Instant.now().minus(PATIENCE))) {
        throw e;
      }
      LOG.log(Level.WARNING, "callback of {0}: nobody has listened for a day", news.uid());
    }
  }

  private static void post(News news, String document) throws IOException {
    Post.send(
        URI.create(news.address()),
        document.getBytes(StandardCharsets.UTF_8),
        news.uid() + "-" + news.seq());
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

  @Override
  public void close() {
    close(new Ending(Ending.LIMIT));
  }

  /** Tells what can be told within half a second; the next daemon tells the rest. */
  public void close(Ending ending) {
    try {
      // of the very last changes the listener may not know yet
      parts.outbox().uids("", MOST).forEach(this::begin);
    } catch (FaultException e) {
      LOG.log(Level.WARNING, "callbacks: {0}", e.getMessage());
    }
    turns.shutdown();
    settle(ending);
    closed = true;
    listener.interrupt();
    turns.shutdownNow();
    settle(ending);
    ending.join(listener, LAST_WORDS);
  }

  private void settle(Ending ending) {
    try {
      turns.awaitTermination(ending.atMost(LAST_WORDS).toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
