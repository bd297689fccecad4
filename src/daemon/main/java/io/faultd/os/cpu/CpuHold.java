package io.faultd.os.cpu;

import io.faultd.fault.Effect;
import io.faultd.fault.Effect.State;
import io.faultd.fault.Hold;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Mark;
import io.faultd.linux.proc.Processors;
import io.faultd.os.cpu.Ground.Contained;
import io.faultd.worker.Worker;
import io.faultd.worker.Workers;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Processor load, held by a worker.
 *
 * <p>Handed over before it is started, so that there is no instant at which a worker runs that
 * nobody would end.
 */
final class CpuHold implements Hold {
  /** How near, in points of a percent. */
  private static final double NEAR = 3;

  private static final Duration SETTLES = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Figures come once a second. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  /** Which word of a figure has the processors that are away. */
  private static final int ABSENT = 4;

  private final double asked;
  private final Duration climb;
  private final boolean total;
  private final List<Integer> processors;
  private final @Nullable Contained contained;
  private final Away away = new Away();
  private @Nullable Worker worker;
  private @Nullable Instant begin;
  private @Nullable Instant nearSince;
  private @Nullable Instant farSince;
  private @Nullable Instant heard;
  private double shown;
  private double own;
  private double capacity;
  private @Nullable String unread;
  private @Nullable String failure;
  private boolean burns;
  private State state = State.RAMPING;
  private Instant since = Instant.now();

  /**
   * A load.
   *
   * @param asked usage to be shown, in percent
   * @param climb time until then
   * @param total whether of all processors together, rather than of each
   * @param contained the container whose load it is
   */
  CpuHold(
      double asked,
      Duration climb,
      boolean total,
      List<Integer> processors,
      @Nullable Contained contained) {
    this.asked = asked;
    this.climb = climb;
    this.total = total || contained != null;
    this.processors = processors;
    this.contained = contained;
  }

  /** Starts the worker; {@link #ready} says when it can be told to {@link #burn}. */
  synchronized void start(Mark mark) throws IOException {
    Contained container = contained;
    worker =
        container == null
            ? Workers.start(mark, this::heard)
            : Workers.start(mark, container.groups(), container.init(), this::heard);
  }

  synchronized boolean ready() {
    return worker != null && (worker.ready() || worker.ended().isPresent());
  }

  synchronized void burn() throws IOException {
    if (worker == null || worker.ended().isPresent()) {
      throw new IOException(trouble().orElse("no worker"));
    }
    begin = Instant.now();
    String list = processors.stream().map(String::valueOf).collect(Collectors.joining(","));
    String order = "%s %d %s".formatted(asked, climb.toMillis(), list);
    Contained container = contained;
    if (container == null) {
      worker.tell("burn " + (total ? "total " : "each ") + order);
      return;
    }
    capacity = container.capacity(processors.size());
    worker.tell("burn group %s %s %s".formatted(order, capacity, container.usage()));
  }

  /** Whether it burns, or never will. */
  synchronized boolean burning() {
    return burns || trouble().isPresent();
  }

  /** Why it does not burn (any more). */
  synchronized Optional<String> trouble() {
    if (failure != null) {
      return Optional.of(failure);
    }
    return worker == null ? Optional.empty() : worker.ended();
  }

  private synchronized void heard(String line) {
    String[] words = line.split(" ", -1);
    switch (words[0]) {
      case "burner" -> pin(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
      case "burning" -> burns = true;
      case "starved" -> failure = "others leave no processor time at all";
      case "figure" -> {
        away.now(words.length > ABSENT ? Processors.list(words[ABSENT]) : List.of());
        figure(Double.parseDouble(words[2]), Double.parseDouble(words[3]));
        resize();
      }
      case "failed" -> failure = line;
      default -> {
        // what a JVM says when it cannot start is told when it has ended
      }
    }
  }

  private void pin(int processor, int thread) {
    try {
      // all of them, too: what the daemon was pinned to is inherited
      Processors.pin(thread, total ? processors : List.of(processor));
    } catch (LinuxException e) {
      String why = "cpu " + processor + " cannot be used: " + e.getMessage();
      if (burns) {
        away.refused(processor, why);
      } else {
        failure = why;
      }
    }
  }

  /** A container may be given another quota while it runs. */
  private void resize() {
    Contained container = contained;
    Worker held = worker;
    if (container == null || held == null) {
      return;
    }
    try {
      double now = container.capacity(processors.size());
      if (now != capacity) {
        held.tell("limit " + now);
        capacity = now;
      }
      unread = null;
    } catch (IOException e) {
      unread = "the quota may be another one by now: " + e.getMessage();
    }
  }

  private void figure(double nowShown, double nowOwn) {
    Instant now = Instant.now();
    shown = heard == null ? nowShown : (shown + nowShown) / 2;
    own = nowOwn;
    heard = now;
    // what was asked for is to be seen, by whomever: what others use above it is not ours to take
    // away, but it is not what was asked for either
    if (Math.abs(shown - asked) <= NEAR) {
      nearSince = nearSince == null ? now : nearSince;
      farSince = null;
    } else {
      farSince = farSince == null ? now : farSince;
      nearSince = null;
    }
  }

  @Override
  public synchronized Effect effect() {
    Instant now = Instant.now();
    Optional<String> trouble = trouble();
    String detail = null;
    if (trouble.isPresent()) {
      enter(State.GONE, now);
      return new Effect(state, asked, 0.0, "%", null, since, trouble.get());
    }
    Optional<String> hindrance = hindrance(now);
    if (hindrance.isPresent()) {
      enter(State.DEGRADED, now);
      detail = hindrance.get();
    } else if (longer(nearSince, now, SETTLES)) {
      enter(State.SETTLED, now);
    } else if (longer(farSince, now, PATIENCE) && longer(begin, now, climb.plus(PATIENCE))) {
      enter(State.DEGRADED, now);
      detail = shown > asked ? tooMuch() : tooLittle();
    }
    if (detail == null && shown > asked + NEAR) {
      detail = tooMuch();
    }
    if (detail == null) {
      detail = away.past().orElse(null);
    }
    return new Effect(state, asked, heard == null ? null : shown, "%", null, since, detail);
  }

  /** What keeps it from being as asked, however near the figure is. */
  private Optional<String> hindrance(Instant now) {
    if (longer(heard, now, SILENCE)) {
      return Optional.of("the worker is silent since " + heard);
    }
    return Optional.ofNullable(worker)
        .flatMap(Worker::misplaced)
        .or(away::present)
        .or(() -> Optional.ofNullable(unread));
  }

  private String tooMuch() {
    return own <= NEAR
        ? "others use more than was asked for: %.1f %% is shown, %.1f %% of it by the worker"
            .formatted(shown, own)
        : "more is shown than was asked for, %.1f %% of it by the worker".formatted(own);
  }

  private String tooLittle() {
    return Optional.ofNullable(worker)
        .flatMap(Worker::limited)
        .orElse("others or a limit leave only %.1f %%".formatted(own));
  }

  private static boolean longer(@Nullable Instant begun, Instant now, Duration than) {
    return begun != null && Duration.between(begun, now).compareTo(than) >= 0;
  }

  private void enter(State newState, Instant now) {
    if (state != newState) {
      state = newState;
      since = now;
    }
  }

  @Override
  public void close() {
    Worker held;
    synchronized (this) {
      held = worker;
    }
    // not under our lock, which the worker's thread takes to tell us its last line
    if (held != null) {
      held.close();
    }
  }

  @Override
  public synchronized Optional<String> left() {
    return Optional.ofNullable(worker).flatMap(Worker::left);
  }
}
