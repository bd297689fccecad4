package io.faultd.os.network;

import io.faultd.fault.Aim;
import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.linux.nfqueue.DelayLine;
import io.faultd.linux.nft.Expression.Queue;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Holds each packet for a time. */
public final class NetworkDelay implements Fault<NetworkDelay.Params> {
  /** Later than this in milliseconds, and than a part of the time, is less than was asked for. */
  private static final double LATE = 1;

  private static final double LATE_PART = 0.05;

  /**
   * The flags.
   *
   * @param traffic which packets
   * @param engine netem or nfqueue; absent: netem where it can
   * @param time how long
   * @param offset how much that varies at most, to either side
   */
  public record Params(
      TrafficFlags traffic, @Nullable String engine, Duration time, Duration offset) {}

  /** Whether it is netem that holds them; it cannot if the time varies by too much. */
  private static boolean byNetem(Params params, Traffic traffic) {
    boolean chosen = Netem.chosen(params.engine(), traffic);
    if (!chosen || params.offset().compareTo(Netem.WIDEST) <= 0) {
      return chosen;
    }
    if (params.engine() == null && DelayLine.missing().isEmpty()) {
      return false;
    }
    throw FaultException.illegal(
        "offset", "netem lets the time vary by %dms at most".formatted(Netem.WIDEST.toMillis()));
  }

  @Override
  public void inject(Params params, Injection on) throws IOException {
    if (params.time().isZero()) {
      throw FaultException.illegal("time", "0 holds nothing; a time such as 100ms");
    }
    if (params.offset().compareTo(params.time()) > 0) {
      throw FaultException.illegal(
          "offset", "is more than time, which would let packets go before they came");
    }
    Traffic traffic = Traffic.of(params.traffic(), on);
    if (byNetem(params, traffic)) {
      Netem.delay(traffic, params.time(), params.offset(), on);
      return;
    }
    Queue.Way way = QueueHold.way(Netem.blamed(params.engine(), traffic));
    String table = on.mark().label();
    on.aim(new Aim("network", on.target().network(), traffic.describe()));
    DelayLine.Time time = new DelayLine.Time(params.time(), params.offset());
    double millis = params.time().toNanos() / 1e6;
    QueueHold hold =
        new QueueHold(
            table,
            new QueueHold.Asked(
                time,
                new Bands.Asked(millis, "ms"),
                Math.max(LATE, millis * LATE_PART),
                List.of()));
    on.engine("nfqueue");
    on.asked(millis, "ms");
    on.hold(
        "nftables table %s and a queue: hold %s for %s ms"
            .formatted(table, traffic.describe(), params.time().toMillis()),
        hold);
    hold.open(on.target().network(), traffic.filters(), way);
    if (!hold.works()) {
      throw new FaultException(Reason.INJECT_FAILED, "table " + table + " is not there");
    }
  }
}
