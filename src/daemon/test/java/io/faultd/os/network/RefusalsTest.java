package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.tc.Lacks;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Cable;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import io.faultd.testing.Traffic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be is refused with its code and the flag that is wrong, and changes nothing. */
@Requires("root")
class RefusalsTest {
  private static final Reason MISSING = Reason.MISSING_PARAMETER;
  private static final Reason ILLEGAL = Reason.ILLEGAL_PARAMETER;

  /**
   * A row.
   *
   * @param flags parted by blanks
   */
  private record Row(String action, String flags, Reason reason, String field) {}

  /** What is wrong alike for all that hit the traffic of a place. */
  private static final List<Row> COMMON =
      List.of(
          new Row("", "interface=nowhere", ILLEGAL, "interface"),
          new Row("", "interface=fa,nowhere", ILLEGAL, "interface"),
          new Row("", "direction=up", ILLEGAL, "direction"),
          new Row("", "protocol=sctp", ILLEGAL, "protocol"),
          new Row("", "local-port=0", ILLEGAL, "local-port"),
          new Row("", "local-port=http", ILLEGAL, "local-port"),
          new Row("", "remote-port=65536", ILLEGAL, "remote-port"),
          new Row("", "remote-port=90-80", ILLEGAL, "remote-port"),
          new Row("", "exclude-port=-1", ILLEGAL, "exclude-port"),
          new Row("", "protocol=icmp local-port=80", ILLEGAL, "local-port"),
          new Row("", "protocol=icmp remote-port=80", ILLEGAL, "remote-port"),
          new Row("", "local-port=80 exclude-port=1-100", ILLEGAL, "local-port"),
          new Row("", "remote-port=80 exclude-port=80", ILLEGAL, "remote-port"),
          new Row("", "protocol=tcp exclude-port=1-65535", ILLEGAL, "exclude-port"),
          new Row("", "destination-ip=10.0.0.256", ILLEGAL, "destination-ip"),
          new Row("", "destination-ip=example.org", ILLEGAL, "destination-ip"),
          new Row("", "destination-ip=10.0.0.0/33", ILLEGAL, "destination-ip"),
          new Row("", "destination-ip=127.0.0.1", ILLEGAL, "destination-ip"),
          new Row(
              "", "destination-ip=10.1.0.0/16 exclude-ip=10.0.0.0/8", ILLEGAL, "destination-ip"),
          new Row("", "exclude-ip=fd77::/129", ILLEGAL, "exclude-ip"),
          new Row("", "exclude-ip=0.0.0.0/0,::/0", ILLEGAL, "exclude-ip"),
          new Row("", "ignore-peer-port=perhaps", ILLEGAL, "ignore-peer-port"),
          new Row("", "port=80", ILLEGAL, "port"));

  private static final List<Row> OWN =
      List.of(
          new Row("limit", "burst=10K", MISSING, "rate"),
          new Row("limit", "rate=fast", ILLEGAL, "rate"),
          new Row("limit", "rate=10", ILLEGAL, "rate"),
          new Row("limit", "rate=1mbps", ILLEGAL, "rate"),
          new Row("limit", "rate=-8mbit", ILLEGAL, "rate"),
          new Row("limit", "rate=7kbit", ILLEGAL, "rate"),
          new Row("limit", "rate=101gbit", ILLEGAL, "rate"),
          new Row("limit", "rate=8mbit burst=1599", ILLEGAL, "burst"),
          new Row("limit", "rate=8mbit burst=2G", ILLEGAL, "burst"),
          new Row("limit", "rate=8mbit burst=much", ILLEGAL, "burst"),
          new Row("delay", "offset=1", MISSING, "time"),
          new Row("delay", "time=0", ILLEGAL, "time"),
          new Row("delay", "time=-5", ILLEGAL, "time"),
          new Row("delay", "time=soon", ILLEGAL, "time"),
          new Row("delay", "time=601s", ILLEGAL, "time"),
          new Row("delay", "time=10 offset=11", ILLEGAL, "offset"),
          new Row("delay", "time=10 offset=-1", ILLEGAL, "offset"),
          new Row("delay", "time=10 engine=tc", ILLEGAL, "engine"),
          new Row("delay", "time=10 engine=netem direction=in", ILLEGAL, "engine"),
          new Row("loss", "direction=in", MISSING, "percent"),
          new Row("loss", "percent=0", ILLEGAL, "percent"),
          new Row("loss", "percent=101", ILLEGAL, "percent"),
          new Row("loss", "percent=-1", ILLEGAL, "percent"),
          new Row("loss", "percent=half", ILLEGAL, "percent"),
          new Row("loss", "percent=5 engine=nfqueue", ILLEGAL, "engine"),
          new Row("loss", "percent=5 engine=netem direction=both", ILLEGAL, "engine"),
          new Row("drop", "network-traffic=in", MISSING, "source-ip"),
          new Row("drop", "source-ip=10.0.0.256", ILLEGAL, "source-ip"),
          new Row("drop", "source-ip=127.0.0.1", ILLEGAL, "source-ip"),
          new Row("drop", "destination-ip=example.org", ILLEGAL, "destination-ip"),
          new Row("drop", "source-ip=10.0.0.1 destination-ip=fd77::1", ILLEGAL, "destination-ip"),
          new Row("drop", "source-ip=10.1.0.0/16 exclude-ip=10.0.0.0/8", ILLEGAL, "source-ip"),
          new Row("drop", "source-port=0", ILLEGAL, "source-port"),
          new Row("drop", "source-port=80 exclude-port=80", ILLEGAL, "source-port"),
          new Row("drop", "destination-port=90-80", ILLEGAL, "destination-port"),
          new Row("drop", "destination-port=80 protocol=icmp", ILLEGAL, "destination-port"),
          new Row("drop", "protocol=sctp", ILLEGAL, "protocol"),
          new Row("drop", "protocol=tcp exclude-port=1-65535", ILLEGAL, "exclude-port"),
          new Row("drop", "protocol=tcp exclude-port=-1", ILLEGAL, "exclude-port"),
          new Row("drop", "protocol=tcp exclude-ip=fd77::/129", ILLEGAL, "exclude-ip"),
          new Row("drop", "protocol=tcp network-traffic=up", ILLEGAL, "network-traffic"),
          new Row("drop", "interface=nowhere", ILLEGAL, "interface"),
          new Row("drop", "string-pattern=" + "x".repeat(129), ILLEGAL, "string-pattern"));

  /** Where the kernel has no sch_netem. */
  private static final List<Row> WITHOUT_NETEM =
      List.of(
          new Row("delay", "time=10 engine=netem", Reason.UNSUPPORTED, "engine"),
          new Row("loss", "percent=5 engine=netem", Reason.UNSUPPORTED, "engine"));

  @TempDir Path scratch;

  @Test
  void haveTheirCodeAndTheirFlagAndLeaveRulesAndQueuesAlone() throws Exception {
    try (Cable cable = Cable.open()) {
      Cable.run(
          """
          tc qdisc add dev fa root handle 5: tbf rate 900mbit burst 100kb latency 50ms
          nft add table inet theirs
          """);
      String before = listing();
      List<Executable> all = new ArrayList<>();
      for (Row row : rows()) {
        all.add(() -> {
          FileTrial on = new FileTrial(new FileTrial.Journal(new Rollback(scratch)), "trial");
          String[] flags = row.flags().split(" ", -1);
          FaultException refused =
              assertThrows(FaultException.class, () -> order(row.action(), flags, on), row + "");
          assertEquals(row.reason(), refused.reason(), row + ": " + refused.getMessage());
          assertEquals(row.field(), refused.field().orElse(""), row + ": " + refused.getMessage());
          assertEquals(List.of(), on.steps(), row + "");
          assertEquals(List.of(), on.holds, row + "");
          assertEquals(before, listing(), row + "");
        });
      }
      assertAll(all);
    } finally {
      Cable.run("nft delete table inet theirs 2>/dev/null || true");
    }
  }

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>(OWN);
    rows.addAll(Lacks.impairing().isPresent() ? WITHOUT_NETEM : List.of());
    for (Row each : COMMON) {
      rows.add(new Row("limit", "rate=8mbit " + each.flags(), each.reason(), each.field()));
      rows.add(new Row("delay", "time=10 " + each.flags(), each.reason(), each.field()));
      rows.add(new Row("loss", "percent=5 " + each.flags(), each.reason(), each.field()));
    }
    return rows;
  }

  /** Gives an order to its fault. */
  static void order(String action, String[] flags, FileTrial on) throws IOException {
    switch (action) {
      case "drop" ->
          new NetworkDrop().inject(Flags.bind(action, NetworkDrop.Params.class, flags), on);
      case "limit" ->
          new NetworkLimit().inject(Flags.bind(action, NetworkLimit.Params.class, flags), on);
      case "delay" ->
          new NetworkDelay().inject(Flags.bind(action, NetworkDelay.Params.class, flags), on);
      default -> new NetworkLoss().inject(Flags.bind(action, NetworkLoss.Params.class, flags), on);
    }
  }

  private static String listing() throws Exception {
    return Traffic.listing(Cable.NEAR_INTERFACE) + Cable.run("tc qdisc; nft list ruleset");
  }
}
