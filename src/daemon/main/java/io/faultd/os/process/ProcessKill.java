package io.faultd.os.process;

import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.linux.LinuxException;
import io.faultd.linux.proc.Pidfd;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Procfs.Stopped;
import io.faultd.linux.proc.Signals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends a signal to processes, once; there is no way back.
 *
 * <p>It is over when it is made, so it claims nothing and no claim is in its way: a process that
 * another experiment has stopped may be killed (that experiment then ends, its target gone), and
 * what was killed is nobody's any more.
 */
public final class ProcessKill implements Fault<ProcessKill.Params> {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Procfs PROCFS = Procfs.HOST;

  /**
   * The flags.
   *
   * @param which processes
   * @param signal what is sent; absent: SIGKILL
   */
  public record Params(Selection which, @Nullable Integer signal) {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    int signal = params.signal() == null ? Signals.KILL : params.signal();
    if (signal < 1 || signal > Signals.MAX) {
      throw FaultException.illegal("signal", signal + " is no signal; they are 1 to 64");
    }
    Selection selection = params.which();
    List<Victim> victims = selection.choose(on, victim -> Optional.empty());
    if (signal == Signals.STOP) {
      on.warn("signal: what SIGSTOP stops here is not continued; process stop does that");
    }
    on.irrevocable("signal %d to %s".formatted(signal, victims));
    List<Victim> told = new ArrayList<>();
    for (Victim victim : victims) {
      if (send(victim, signal, on)) {
        told.add(victim);
      }
    }
    int gone = victims.size() - told.size();
    if (gone > 0 && told.isEmpty()) {
      selection.none(on, "all processes ended before the signal", null);
    } else if (gone > 0) {
      on.warn(gone + " of " + victims.size() + " processes ended before the signal");
    }
    if (signal == Signals.KILL) {
      awaitEnd(told, on);
    }
  }

  private static void awaitEnd(List<Victim> told, Injection on) throws IOException {
    boolean all;
    try {
      all = on.await(LIMIT, () -> ended(told));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    if (!all) {
      throw new FaultException(
          Reason.INJECT_FAILED,
          told.getFirst() + " got SIGKILL and does not end: it waits in the kernel");
    }
  }

  private static boolean send(Victim victim, int signal, Injection on) throws IOException {
    boolean later =
        signal != Signals.KILL
            && signal != Signals.CONT
            && PROCFS.stopped(victim.pid()) == Stopped.YES;
    boolean sent = Pidfd.send(victim.process(), signal, PROCFS);
    if (sent && later) {
      on.warn(victim + " is stopped and takes the signal when it is continued");
    }
    return sent;
  }

  /** Takes those out that ended; whether that was all. */
  private static boolean ended(List<Victim> told) {
    try {
      while (!told.isEmpty() && Pidfd.ended(told.getFirst().process(), PROCFS)) {
        told.removeFirst();
      }
    } catch (LinuxException e) {
      throw new UncheckedIOException(e);
    }
    return told.isEmpty();
  }
}
