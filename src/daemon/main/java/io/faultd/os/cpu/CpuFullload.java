package io.faultd.os.cpu;

import io.faultd.fault.Aim;
import io.faultd.fault.Claim;
import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps processors busy: burns what others leave free of the asked usage, no more.
 *
 * <p>Without cpu-list and cpu-count the usage is that of the whole node; with one of them it is
 * that of each chosen processor. In a container it is always that of the container, in percent of
 * what it may use: its quota, or its processors (the chosen ones).
 */
public final class CpuFullload implements Fault<CpuFullload.Params> {
  /** A JVM's start on a node that is busy. */
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final Duration HIGHEST_CLIMB = Duration.ofSeconds(600);

  /**
   * The flags.
   *
   * @param cpuCount how many processors; absent or 0: all
   * @param cpuList which; empty: all
   * @param cpuPercent usage, above 0 to 100
   * @param cpuIndex taken for the sake of clients that send it
   * @param climbTime from nothing to the usage, at most 600 s
   * @param cgroupRoot taken for the sake of clients that send it
   * @param allowOom whether a container may be ended for want of memory by it
   */
  public record Params(
      @Nullable Integer cpuCount,
      List<Integer> cpuList,
      double cpuPercent,
      @Nullable String cpuIndex,
      @Nullable Duration climbTime,
      @Nullable String cgroupRoot,
      boolean allowOom) {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    Duration climb = params.climbTime() == null ? Duration.ZERO : params.climbTime();
    check(params, climb);
    Ground ground = Ground.of(on.target(), params.allowOom());
    List<Integer> online = ground.processors();
    List<Integer> chosen = chosen(params, online, on);
    if (params.cpuIndex() != null) {
      on.warn("cpu-index: ignored, cpu-list says which processors");
    }
    if (params.cgroupRoot() != null) {
      on.warn("cgroup-root: ignored, control groups are found where they are mounted");
    }
    chosen.forEach(each -> on.aim(new Aim("cpu", each.toString(), "cpu " + each)));
    on.claim(chosen.stream().map(each -> Claim.cpuTime(ground.key(), each)).toList());
    on.asked(params.cpuPercent(), "%");
    boolean total = params.cpuList().isEmpty() && chosen.size() == online.size();
    CpuHold hold = new CpuHold(params.cpuPercent(), climb, total, chosen, ground.contained());
    on.hold("load of %s %% on cpus %s".formatted(params.cpuPercent(), chosen), hold);
    hold.start(on.mark());
    if (!on.await(LIMIT, hold::ready)) {
      throw new FaultException(
          Reason.INJECT_FAILED, "the worker was not ready after " + LIMIT.toSeconds() + " s");
    }
    hold.burn();
    boolean burns = on.await(LIMIT, hold::burning);
    Optional<String> trouble = hold.trouble();
    if (!burns || trouble.isPresent()) {
      throw new FaultException(
          Reason.INJECT_FAILED, trouble.orElse("the worker does not burn, nor say why"));
    }
  }

  private static void check(Params params, Duration climb) {
    if (params.cpuPercent() == 0) {
      throw FaultException.illegal("cpu-percent", "0 asks for no load at all; 1 to 100");
    }
    if (!(params.cpuPercent() > 0 && params.cpuPercent() <= 100)) {
      throw FaultException.illegal(
          "cpu-percent", params.cpuPercent() + " is no usage; above 0, at most 100");
    }
    if (climb.isNegative() || climb.compareTo(HIGHEST_CLIMB) > 0) {
      throw FaultException.illegal("climb-time", climb.toSeconds() + " s; 0 to 600 s");
    }
    if (params.cpuCount() != null && params.cpuCount() < 0) {
      throw FaultException.illegal("cpu-count", params.cpuCount() + " is negative; 0 means all");
    }
  }

  private static List<Integer> chosen(Params params, List<Integer> online, Injection on) {
    Integer count = params.cpuCount();
    if (!params.cpuList().isEmpty()) {
      for (int each : params.cpuList()) {
        if (!online.contains(each)) {
          throw FaultException.illegal(
              "cpu-list", "there is no cpu " + each + " online; there are " + online);
        }
      }
      if (count != null) {
        on.warn("cpu-count: ignored, cpu-list says which processors");
      }
      return List.copyOf(new TreeSet<>(params.cpuList()));
    }
    if (count == null || count == 0 || count == online.size()) {
      return online;
    }
    if (count > online.size()) {
      on.warn("cpu-count: there are " + online.size() + " processors, all of which are used");
      return online;
    }
    return online.subList(0, count);
  }
}
