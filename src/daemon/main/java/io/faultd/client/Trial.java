package io.faultd.client;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A command that runs while a fault is in place: inject, wait for the effect, run, undo.
 *
 * <p>A signal takes the fault back at once and is passed on to the command, whose end is awaited.
 */
final class Trial {
  private static final int NOT_FOUND = 127;
  private static final int NOT_EXECUTABLE = 126;
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration AGAIN = Duration.ofSeconds(1);

  /** More than the minute for which an address is barred. */
  private static final Duration BARRED = Duration.ofSeconds(90);

  private final Daemon daemon;
  private final Order order;
  private final List<String> command;
  private final Session session;
  private final Verdict verdict;

  private @Nullable Process process;
  private @Nullable String signal;
  private volatile boolean over;

  /** Until when all that follows the command is asked again; 0: nothing was yet. */
  private long patience;

  /**
   * A trial, not begun.
   *
   * @param order with a timeout, which holds if this process is killed
   * @param command what to run and its arguments
   */
  Trial(Daemon daemon, Order order, List<String> command, Session session) {
    this.daemon = daemon;
    this.order = order;
    this.command = command;
    this.session = session;
    this.verdict = new Verdict(order, command);
  }

  /** Does all of it, and says how it went. */
  Verdict run(Duration settle) {
    Signals.caught(this::signalled);
    try {
      inject(settle);
      execute();
    } catch (ClientException e) {
      if (!daemon.ordered()) {
        verdict.notMade();
      }
      String by = interrupted();
      if (by == null) {
        verdict.failed(e.outcome(), String.valueOf(e.getMessage()));
      } else {
        // it was taken back while it was put in place, and told so
        verdict.interrupted(by);
      }
    } catch (RuntimeException e) {
      // a mistake of ours is no reason for the fault to stay
      verdict.failed(Outcome.NO_EFFECT, "unexpected: " + e);
    }
    if (verdict.made()) {
      takeBack();
    }
    over = true;
    return verdict;
  }

  private void inject(Duration settle) {
    JsonObject record = Records.object(daemon.create(order.document(), settle), "record");
    verdict.injected(record);
    Records.warnings(record).forEach(session::tell);
    if (interrupted() != null) {
      return;
    }
    if (!Records.inPlace(record)) {
      throw new ClientException(
          Outcome.NO_EFFECT, "the fault is not in place: " + Records.text(record, "error"));
    }
    if (!Records.settled(record)) {
      throw new ClientException(
          Outcome.NO_EFFECT, "the effect is not as asked: " + Records.effect(record));
    }
    session.tell(order.name() + " is in place (" + order.uid() + "), " + Records.effect(record));
  }

  private void execute() {
    Process started;
    synchronized (this) {
      if (signal != null) {
        verdict.interrupted(signal);
        return;
      }
      started = started();
      process = started;
    }
    if (started == null) {
      return;
    }
    int code = ended(started);
    verdict.ended(code);
    if (interrupted() != null) {
      verdict.interrupted(interrupted());
    } else {
      stillThere();
    }
  }

  private @Nullable Process started() {
    verdict.started();
    try {
      return UserCommand.start(command);
    } catch (IOException e) {
      boolean there = Files.exists(Path.of(command.getFirst()));
      verdict.ended(there ? NOT_EXECUTABLE : NOT_FOUND);
      session.tell(String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** A fault that ended before the command did has made the command's success worthless. */
  private void stillThere() {
    JsonObject record;
    try {
      record = patiently(() -> daemon.experiment(order.uid()));
    } catch (ClientException e) {
      Outcome outcome = e.outcome() == Outcome.REFUSED ? Outcome.NO_EFFECT : e.outcome();
      verdict.failed(
          outcome, "whether the fault was there to the end is not known: " + e.getMessage());
      return;
    }
    verdict.seen(record);
    if (!Records.inPlace(record)) {
      String error = Records.text(record, "error");
      verdict.failed(
          Outcome.NO_EFFECT,
          "the fault ended before the command did: "
              + (error.isEmpty() ? "it is " + Records.status(record) : error));
    }
  }

  private void takeBack() {
    try {
      patiently(() -> daemon.destroy(order.uid(), false));
      verdict.takenBack();
    } catch (ClientException e) {
      if (!e.reason().equals("UNKNOWN_UID")) {
        // one that may not be taken back is left behind, whatever the daemon calls it
        Outcome outcome = e.outcome() == Outcome.REFUSED ? Outcome.RESIDUE : e.outcome();
        verdict.failed(outcome, String.valueOf(e.getMessage()));
      } else if (verdict.first().isEmpty()) {
        verdict.notMade();
      } else {
        takeBackUnrecorded();
      }
    } catch (RuntimeException e) {
      verdict.failed(Outcome.RESIDUE, "unexpected: " + e);
    }
  }

  /**
   * It was in place, and the daemon has lost its data since: what carries its uid is looked for.
   */
  private void takeBackUnrecorded() {
    List<String> unsure;
    try {
      JsonObject answer =
          patiently(() -> daemon.destroy(order.uid(), false, order.withoutRecord()));
      unsure = Records.texts(Records.object(answer, "result"), "unsure");
    } catch (ClientException e) {
      unsure = List.of(String.valueOf(e.getMessage()));
    }
    if (unsure.isEmpty()) {
      verdict.takenBack();
    } else {
      verdict.failed(
          Outcome.RESIDUE, "the daemon has no record of it any more: " + String.join("; ", unsure));
    }
  }

  /** Asks again while the daemon has too much to do, or bars who has shown wrong tokens. */
  private JsonObject patiently(Supplier<JsonObject> request) {
    while (true) {
      try {
        return request.get();
      } catch (ClientException e) {
        if (!e.passing() || isSpent()) {
          throw e;
        }
        Daemon.pause(AGAIN);
      }
    }
  }

  private boolean isSpent() {
    long now = System.nanoTime();
    patience = patience == 0 ? now + BARRED.toNanos() : patience;
    return now > patience;
  }

  /** On the thread of a signal. */
  private void signalled(String name) {
    Process running;
    synchronized (this) {
      running = process;
      if (signal == null) {
        signal = name;
        Thread.ofPlatform().daemon().name("take-back").start(this::takeBackEarly);
      }
    }
    if (running != null && running.isAlive() && !Signals.fromTheTerminal(name)) {
      session.relay().pass(running, Signals.number(name));
    }
  }

  /** Also ends an injection that is under way, whose answer comes then. */
  private void takeBackEarly() {
    while (!over) {
      try {
        daemon.destroy(order.uid(), false);
        return;
      } catch (RuntimeException e) {
        // the order may not have arrived yet; what fails for good is told in the end
        Daemon.pause(PAUSE);
      }
    }
  }

  private synchronized @Nullable String interrupted() {
    return signal;
  }

  private static int ended(Process process) {
    while (true) {
      try {
        return process.waitFor();
      } catch (InterruptedException e) {
        // nobody interrupts this thread
        Thread.interrupted();
      }
    }
  }
}
