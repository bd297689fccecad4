package io.faultd.jvm;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.cgroup.Freezer;
import io.faultd.linux.ns.GroupPaths;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Procfs.Stopped;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a JVM stands still. What is sent to one that does, a signal or a request, is kept for it
 * by the kernel, and taken when it goes on, whoever has given up on it by then.
 */
public final class Standstill {
  private Standstill() {}

  /** How it does, for people; empty if it runs. */
  static Optional<String> of(JvmProcess jvm, Procfs procfs) throws IOException {
    // first for each order that there is: a JVM has dozens of threads
    if (!procfs.runs(jvm.pid()) && procfs.stopped(jvm.pid()) != Stopped.NO) {
      return Optional.of("stopped (SIGSTOP)");
    }
    return frozen(jvm, procfs) ? Optional.of("frozen (by its control group)") : Optional.empty();
  }

  /** The JVM, and that it stands still, if it does; for people. */
  public static String told(JvmProcess jvm, Procfs procfs) {
    try {
      return jvm + of(jvm, procfs).map(", which is %s,"::formatted).orElse("");
    } catch (IOException unseen) {
      return jvm.toString();
    }
  }

  /**
   * Refuses one that does.
   *
   * @throws FaultException UNSUPPORTED
   */
  static void refuse(JvmProcess jvm, Procfs procfs) throws IOException {
    Optional<String> still = of(jvm, procfs);
    if (still.isPresent()) {
      throw new FaultException(
          Reason.UNSUPPORTED,
          "%s is %s and cannot be asked for anything before it runs".formatted(jvm, still.get()));
    }
  }

  private static boolean frozen(JvmProcess jvm, Procfs procfs) throws IOException {
    Map<String, String> groups;
    try {
      groups = GroupPaths.of(jvm.pid());
    } catch (IOException gone) {
      return false; // which is said by whoever asks it next
    }
    return Freezer.holds(
        controller ->
            groups.entrySet().stream()
                .filter(each -> Arrays.asList(each.getKey().split(",", -1)).contains(controller))
                .map(Map.Entry::getValue)
                .findFirst(),
        procfs);
  }
}
