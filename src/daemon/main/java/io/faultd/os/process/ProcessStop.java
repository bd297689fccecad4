package io.faultd.os.process;

import io.faultd.fault.Claim;
import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.fault.Undo;
import io.faultd.linux.proc.Pidfd;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Procfs.Stopped;
import io.faultd.linux.proc.Signals;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stops processes until they are continued: exactly those, and none that somebody else stopped.
 *
 * <p>Claims each of them, so that no second experiment stops it.
 */
public final class ProcessStop implements Fault<ProcessStop.Params> {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Procfs PROCFS = Procfs.HOST;

  /**
   * The flags.
   *
   * @param which processes
   * @param signal taken for the sake of clients that send it; always SIGSTOP
   */
  public record Params(Selection which, @Nullable Integer signal) {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    if (params.signal() != null && params.signal() != Signals.STOP) {
      on.warn("signal: ignored, processes are stopped by SIGSTOP");
    }
    Selection selection = params.which();
    List<Victim> victims = selection.choose(on, ProcessStop::unfit);
    on.claim(victims.stream().map(each -> Claim.process(each.process(), each.name())).toList());
    on.undo(
        victims.stream()
            .map(each -> new Undo.ProcessStopped(each.process(), each.name()))
            .toList());
    List<Victim> told = new ArrayList<>();
    for (Victim victim : victims) {
      if (Pidfd.send(victim.process(), Signals.STOP, PROCFS)) {
        told.add(victim);
      }
    }
    List<Victim> running = new ArrayList<>(told);
    if (!on.await(LIMIT, () -> stopped(running))) {
      throw new FaultException(
          Reason.INJECT_FAILED,
          running.getFirst()
              + " does not stop: a thread of it waits in the kernel, where no signal reaches it");
    }
    long left = told.stream().filter(each -> PROCFS.stat(each.process()).isPresent()).count();
    if (left < victims.size()) {
      on.warn((victims.size() - left) + " of " + victims.size() + " processes ended meanwhile");
    }
    if (left == 0 && !victims.isEmpty()) {
      selection.none(on, "all processes ended before they were stopped", null);
    }
  }

  private static Optional<String> unfit(Victim victim) {
    String tracer = PROCFS.status(victim.pid(), "TracerPid").orElse("0");
    if (!tracer.equals("0")) {
      return Optional.of("is traced by process " + tracer);
    }
    return PROCFS.stopped(victim.pid()) == Stopped.NO
        ? Optional.empty()
        : Optional.of("is stopped already");
  }

  /** Takes those out that are stopped now, or gone; whether that was all. */
  private static boolean stopped(List<Victim> running) {
    running.removeIf(each ->
        PROCFS.stat(each.process()).isEmpty()
            || PROCFS.stopped(each.pid()) == Stopped.YES
            || PROCFS.tasks(each.pid()).stream().allMatch(task -> task.ended()));
    return running.isEmpty();
  }
}
