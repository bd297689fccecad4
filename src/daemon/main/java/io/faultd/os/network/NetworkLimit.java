package io.faultd.os.network;

import io.faultd.fault.Aim;
import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Hold;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.linux.nfqueue.Throttle;
import io.faultd.linux.nft.Expression.Queue;
import io.faultd.linux.tc.Band;
import io.faultd.linux.tc.Lacks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets packets go out, or come in, only as fast as told; those that are too many wait, and then are
 * lost.
 */
public final class NetworkLimit implements Fault<NetworkLimit.Params> {
  /** As much as goes in ten milliseconds, and at least some whole packets. */
  private static final int BURSTS_A_SECOND = 100;

  private static final long SMALLEST_BURST = 1_600;
  private static final long USUAL_BURST = 16_000;
  private static final long LARGEST_BURST = 1L << 30;
  private static final double BITS = 8;

  /** Packets that are so many milliseconds late on average are let in slower than asked. */
  private static final double PATIENCE = 10;

  /**
   * The flags.
   *
   * @param traffic which packets; with direction both, each way may be so fast
   * @param rate in bits
   * @param burst in bytes; absent: as the rate suggests
   */
  public record Params(TrafficFlags traffic, String rate, @Nullable Long burst) {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    long rate;
    try {
      rate = Rate.parse(params.rate());
    } catch (IllegalArgumentException e) {
      throw FaultException.illegal("rate", String.valueOf(e.getMessage()));
    }
    long burst = burst(params.burst(), rate);
    Traffic traffic = Traffic.of(params.traffic(), on);
    Bands.Asked asked = new Bands.Asked(rate * BITS, "bit/s");
    Optional<Queue.Way> way = way(traffic);
    List<Hold> outgoing = new ArrayList<>();
    if (traffic.direction() != Direction.IN) {
      Lacks.shaping()
          .ifPresent(lack -> {
            throw FaultException.unsupported("direction", lack);
          });
      on.engine("htb");
      outgoing.add(
          Bands.inject(
              traffic,
              (slot, predicate) -> new Band(slot, predicate, rate, burst, 0, 0, 0),
              asked,
              on));
    }
    if (way.isPresent()) {
      on.engine(outgoing.isEmpty() ? "nfqueue" : "htb, nfqueue");
      on.asked(asked.amount(), asked.unit());
      Throttle pace = new Throttle(rate, burst);
      admit(traffic, way.get(), new QueueHold.Asked(pace, asked, PATIENCE, outgoing), on);
    }
  }

  /** How what comes in is queued, which no qdisc does; empty if nothing that comes in is meant. */
  private static Optional<Queue.Way> way(Traffic traffic) {
    if (traffic.direction() == Direction.OUT) {
      return Optional.empty();
    }
    return Optional.of(QueueHold.way("direction"));
  }

  /** Has what comes in wait in user space. */
  private static void admit(Traffic traffic, Queue.Way way, QueueHold.Asked asked, Injection on)
      throws IOException {
    String table = on.mark().label();
    on.aim(new Aim("network", on.target().network(), traffic.describe()));
    QueueHold hold = new QueueHold(table, asked);
    on.hold(
        "nftables table %s and a queue: lets in only so fast %s"
            .formatted(table, traffic.describe()),
        hold);
    List<Filter> filters =
        traffic.filters().stream().filter(each -> each.direction() == Direction.IN).toList();
    hold.open(on.target().network(), filters, way);
    if (!hold.works()) {
      throw new FaultException(Reason.INJECT_FAILED, "table " + table + " is not there");
    }
  }

  private static long burst(@Nullable Long asked, long rate) {
    if (asked == null) {
      return Math.max(USUAL_BURST, rate / BURSTS_A_SECOND);
    }
    if (asked < SMALLEST_BURST || asked > LARGEST_BURST) {
      throw FaultException.illegal(
          "burst",
          asked + " bytes are out of range: %d (a packet) to 1Gi".formatted(SMALLEST_BURST));
    }
    return asked;
  }
}
