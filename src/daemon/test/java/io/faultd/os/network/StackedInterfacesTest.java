package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.linux.net.Link;
import io.faultd.linux.net.Link.Stacking;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Cable;
import io.faultd.testing.Eventually;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packets that go through several interfaces on their way out are hit once. */
@Requires("root")
class StackedInterfacesTest {
  @TempDir Path scratch;
  private Cable cable;
  private FileTrial.Journal journal;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open();
    journal = new FileTrial.Journal(new Rollback(scratch));
  }

  @AfterEach
  void close() throws Exception {
    cable.close();
    Cable.run("ip link del stack 2>/dev/null || true");
  }

  private FileTrial limit(String... flags) throws Exception {
    FileTrial on = new FileTrial(journal, "trial");
    new NetworkLimit().inject(Flags.bind("limit", NetworkLimit.Params.class, flags), on);
    return on;
  }

  private void counted(long hits, FileTrial on, String address) throws Exception {
    try (DatagramSocket socket = new DatagramSocket()) {
      InetAddress there = InetAddress.getByName(address);
      for (int i = 0; i < 10; i++) {
        socket.send(new DatagramPacket(new byte[100], 100, there, 7001));
      }
    }
    // the first wait for the neighbour
    Eventually.eventually("hits", () -> on.holds.getFirst().effect().hits() >= hits);
    assertEquals(hits, on.holds.getFirst().effect().hits());
    on.destroy(false);
  }

  @Test
  void whatABridgeSendsIsHitAtItsPorts() throws Exception {
    Cable.run(
        """
        ip link add stack type bridge
        ip link set stack up
        ip addr flush dev fa
        ip link set fa master stack
        ip addr add 10.77.0.1/24 dev stack
        """);
    counted(10, limit("rate=100mbit", "remote-port=7001", "protocol=udp"), Cable.FAR);
    counted(
        20,
        limit("rate=100mbit", "remote-port=7001", "protocol=udp", "interface=stack,fa"),
        Cable.FAR);
  }

  @Test
  void whatASecondAddressSendsIsHitBelowIt() throws Exception {
    Cable.run(
        """
        ip link add link fa name stack type macvlan mode bridge
        ip addr add 10.79.0.1/24 dev stack
        ip link set stack up
        """);
    cable.runFar("ip addr add 10.79.0.2/24 dev fb");
    FileTrial on = limit("rate=100mbit", "remote-port=7001", "protocol=udp");
    counted(10, on, "10.79.0.2");
  }

  @Test
  void ofAPairOfInterfacesBothAreHit() throws Exception {
    Cable.run(
        "ip link add stack type veth peer name peer; ip link set stack up; ip link set peer up");
    FileTrial on = limit("rate=100mbit");
    assertEquals(3, on.steps().size());
    on.destroy(false);
  }

  @Test
  void oneOfTwoTagsIsSeenWhereItIsAlone() {
    Link port = link(2, new Stacking(0, 0, false));
    Link outer = link(3, new Stacking(0, 2, true));
    Link inner = link(4, new Stacking(5, 3, true));
    Link bridge = link(5, new Stacking(0, 0, false));
    assertEquals(List.of(port), Link.lowest(List.of(port, outer)));
    assertEquals(List.of(port, inner), Link.lowest(List.of(port, outer, inner, bridge)));
    assertEquals(List.of(bridge), Link.lowest(List.of(bridge)));
  }

  @Test
  void aTagOnABridgeWhosePortHasOneIsSeenWhereItIsAlone() {
    Link port = link(2, new Stacking(0, 0, false));
    Link outer = link(3, new Stacking(4, 2, true));
    Link bridge = link(4, new Stacking(0, 0, false));
    Link inner = link(5, new Stacking(0, 4, true));
    Link third = link(6, new Stacking(0, 5, true));
    assertEquals(List.of(port), Link.lowest(List.of(port, outer, bridge)));
    assertEquals(List.of(port, inner), Link.lowest(List.of(port, outer, bridge, inner)));
    // two tags below, and there one is in the bytes, but at the upper of the two there is one
    assertEquals(
        List.of(port, inner), Link.lowest(List.of(third, inner, bridge, outer, port).reversed()));
    assertEquals(List.of(bridge), Link.lowest(List.of(bridge, inner)));
  }

  private static Link link(int index, Stacking stacking) {
    return new Link(index, "link" + index, 1500, true, false, 1000, stacking, false);
  }
}
