package io.faultd.rollback;

import io.faultd.fault.Undo;
import io.faultd.linux.proc.Pidfd;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Procfs.Stopped;
import io.faultd.linux.proc.Signals;
import io.faultd.linux.proc.Stat;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Continues a process that was stopped: that one and no other that got its pid.
 *
 * <p>One that runs already was never stopped or was continued by somebody else: nothing to do.
 */
final class ProcessReversal {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final long PAUSE_NANOS = 1_000_000;

  private final Procfs procfs;

  ProcessReversal(Procfs procfs) {
    this.procfs = procfs;
  }

  /**
   * Continues it and sees it run.
   *
   * @throws IOException if it may not be signalled
   */
  Outcome undo(Undo.ProcessStopped step) throws IOException {
    boolean done =
        !stopped(step) || !Pidfd.send(step.process(), Signals.CONT, procfs) || continues(step);
    return done
        ? new Outcome.Undone()
        : new Outcome.Stuck(
            "process %d (%s) got SIGCONT and is still stopped"
                .formatted(step.process().pid(), step.name()));
  }

  Sighting look(Undo.ProcessStopped step) {
    Optional<Stat> seen = procfs.stat(step.process());
    if (seen.isEmpty()) {
      return Sighting.TARGET_GONE;
    }
    return switch (seen.get().state()) {
      case 'T', 't' -> Sighting.PRESENT;
      // a zombie whose other threads live is a process without its first thread
      case 'Z' -> withoutFirstThread(step);
      default -> Sighting.CHANGED;
    };
  }

  private Sighting withoutFirstThread(Undo.ProcessStopped step) {
    int pid = step.process().pid();
    if (procfs.stopped(pid) != Stopped.NO) {
      return Sighting.PRESENT;
    }
    boolean alive = procfs.tasks(pid).stream().anyMatch(task -> !task.ended());
    return alive ? Sighting.CHANGED : Sighting.TARGET_GONE;
  }

  /**
   * Whether there is anything to continue: a thread that is stopped, or a SIGSTOP that has not been
   * taken yet and would stop the process later, when nobody is there any more to continue it.
   */
  private boolean stopped(Undo.ProcessStopped step) {
    return procfs.stat(step.process()).isPresent()
        && procfs.stopped(step.process().pid()) != Stopped.NO;
  }

  private boolean continues(Undo.ProcessStopped step) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (jobStopped(step)) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return true;
  }

  /** A tracer's stop (t) is the tracer's to end. */
  private boolean jobStopped(Undo.ProcessStopped step) {
    return procfs.stat(step.process()).isPresent()
        && procfs.tasks(step.process().pid()).stream().anyMatch(task -> task.state() == 'T');
  }
}
