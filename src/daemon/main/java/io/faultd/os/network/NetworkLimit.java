package io.faultd.os.network;

import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.linux.tc.Band;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets packets go out only as fast as told; those that are too many wait, and then are lost. */
public final class NetworkLimit implements Fault<NetworkLimit.Params> {
  /** As much as goes in ten milliseconds, and at least some whole packets. */
  private static final int BURSTS_A_SECOND = 100;

  private static final long SMALLEST_BURST = 1_600;
  private static final long USUAL_BURST = 16_000;
  private static final long LARGEST_BURST = 1L << 30;

  /**
   * The flags.
   *
   * @param direction out
   * @param interfaceName by which; empty: all but lo
   * @param protocol tcp, udp or icmp
   * @param localPort ports of this side
   * @param remotePort ports of the other side
   * @param excludePort ports that are on neither side
   * @param destinationIp addresses of the other side
   * @param excludeIp addresses that are on neither side
   * @param ignorePeerPort taken for the sake of clients that send it
   * @param force taken for the sake of clients that send it
   * @param rate in bits
   * @param burst in bytes; absent: as the rate suggests
   */
  public record Params(
      String direction,
      List<String> interfaceName,
      @Nullable String protocol,
      List<Integer> localPort,
      List<Integer> remotePort,
      List<Integer> excludePort,
      List<String> destinationIp,
      List<String> excludeIp,
      boolean ignorePeerPort,
      boolean force,
      String rate,
      @Nullable Long burst) {

    Traffic.Flags traffic() {
      return new Traffic.Flags(
          interfaceName,
          direction,
          protocol,
          localPort,
          remotePort,
          excludePort,
          destinationIp,
          excludeIp,
          ignorePeerPort,
          force);
    }
  }

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
    on.engine("htb");
    Bands.inject(
        traffic,
        (slot, predicate) -> new Band(slot, predicate, rate, burst, 0, 0, 0),
        new Bands.Asked(rate * 8.0, "bit/s"),
        on);
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
