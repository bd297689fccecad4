package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Undo;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Rollback;
import io.faultd.rollback.Sighting;
import io.faultd.testing.Cable;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import io.faultd.testing.Traffic;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Requires("root")
class NetworkLimitTest {
  private static final String SHAPED =
      """
      tc qdisc add dev fa root handle 1: htb default 12
      tc class add dev fa parent 1: classid 1:11 htb rate 900mbit
      tc class add dev fa parent 1: classid 1:12 htb rate 800mbit
      tc qdisc add dev fa parent 1:11 handle 110: pfifo limit 500
      tc filter add dev fa parent 1: protocol ip prio 1 u32 match ip dport 80 0xffff flowid 1:11
      """;

  @TempDir Path scratch;
  private Cable cable;
  private FileTrial.Journal journal;
  private Rollback rollback;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(7001).echo(7002);
    rollback = new Rollback(scratch);
    journal = new FileTrial.Journal(rollback);
  }

  @AfterEach
  void close() throws Exception {
    cable.close();
  }

  private FileTrial limit(String... flags) throws Exception {
    FileTrial on = new FileTrial(journal, "trial");
    new NetworkLimit().inject(Flags.bind("limit", NetworkLimit.Params.class, flags), on);
    return on;
  }

  private static void undone(FileTrial on) {
    on.destroy(false).forEach(outcome -> assertInstanceOf(Outcome.Undone.class, outcome));
  }

  private static long hits(FileTrial on) {
    return on.holds.getFirst().effect().hits();
  }

  @Test
  void bytesGoAsFastAsToldAndOthersAsBefore() throws Exception {
    FileTrial on = limit("rate=8mbit", "burst=20K", "destination-ip=" + Cable.FAR);
    int bytes = 1_000_000;
    double millis = cable.transfer(Cable.FAR, bytes);
    // a million bytes a second, headers included
    assertEquals(1_000, millis, 150);
    assertTrue(cable.transfer(Cable.FAR_OTHER, bytes) < 300);
    assertTrue(cable.transfer(Cable.FAR_6, bytes) < 300);
    assertTrue(hits(on) > bytes / 70_000, "packets are counted: " + hits(on));
    undone(on);
    assertTrue(cable.transfer(Cable.FAR, bytes) < 300);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tc qdisc add dev fa root pfifo_fast",
        "tc qdisc add dev fa root handle 5: tbf rate 900mbit burst 100kb latency 50ms",
        SHAPED
      })
  void whatWasThereComesBackWhateverDiesAndWhen(String earlier) throws Exception {
    Cable.run(earlier);
    String before = Traffic.listing("fa");
    for (int death = 0; death < 2; death++) {
      FileTrial on = new FileTrial(journal, "trial");
      on.lives = 0;
      on.kept = death == 1;
      assertThrows(
          FileTrial.Death.class,
          () ->
              new NetworkLimit()
                  .inject(Flags.bind("limit", NetworkLimit.Params.class, "rate=1mbit"), on));
      undone(on);
      assertEquals(before, Traffic.listing("fa"));
    }
    FileTrial on = limit("rate=1mbit");
    assertEquals(Sighting.PRESENT, rollback.look(on.steps().getFirst()));
    undone(on);
    assertEquals(before, Traffic.listing("fa"));
    on.forget();
    undone(on);
    assertEquals(before, Traffic.listing("fa"), "a second time changes nothing");
    assertEquals(Sighting.CHANGED, rollback.look(on.steps().getFirst()));
  }

  @Test
  void aReturnThatWasCutIsBegunAnew() throws Exception {
    Cable.run(SHAPED);
    String before = Traffic.listing("fa");
    FileTrial on = limit("rate=1mbit");
    undone(on);
    for (String cut :
        List.of(
            "tc filter del dev fa parent 1: prio 1",
            "tc qdisc del dev fa parent 1:11; tc filter del dev fa parent 1:",
            "tc filter del dev fa parent 1:; tc class del dev fa classid 1:12")) {
      Cable.run(cut);
      on.forget();
      undone(on);
      assertEquals(before, Traffic.listing("fa"), cut);
    }
  }

  @Test
  void experimentsComeAndGoInAnyOrderAndTheTightestCounts() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (String earlier : List.of("", SHAPED)) {
      Cable.run(earlier);
      String before = Traffic.listing("fa");
      List<FileTrial> there = new ArrayList<>();
      for (int step = 0; step < 60; step++) {
        if (there.size() < 8 && random.nextInt(10) < 6) {
          int port = 7000 + random.nextInt(4);
          there.add(limit("rate=" + (10 + random.nextInt(900)) + "mbit", "remote-port=" + port));
        } else if (!there.isEmpty()) {
          FileTrial gone = there.remove(random.nextInt(there.size()));
          undone(gone);
          if (random.nextBoolean()) { // as if it had died before the mark
            gone.forget();
            undone(gone);
          }
        }
        for (FileTrial each : there) {
          assertEquals(Sighting.PRESENT, rollback.look(each.steps().getFirst()), "seed " + seed);
        }
      }
      there.forEach(NetworkLimitTest::undone);
      assertEquals(before, Traffic.listing("fa"), "seed " + seed);
    }
    limit("rate=900mbit", "remote-port=7001");
    FileTrial tight = limit("rate=20mbit", "remote-port=7001");
    FileTrial other = limit("rate=500mbit", "remote-port=7001-7002");
    send(Cable.FAR, 0, 7001, 10);
    send(Cable.FAR, 0, 7002, 10);
    assertEquals(10, hits(tight));
    assertEquals(10, hits(other));
  }

  @Test
  void hitsThePacketsThatAreMeantAndNoOthers() throws Exception {
    matches(10, "remote-port=7001", Cable.FAR, 0, 7001);
    matches(0, "remote-port=7001", Cable.FAR, 0, 7002);
    matches(10, "remote-port=7000-7100,9000", Cable.FAR_6, 0, 7001);
    matches(10, "local-port=6000-6010", Cable.FAR_6, 6005, 7002);
    matches(0, "local-port=6000-6010", Cable.FAR, 6011, 7002);
    matches(10, "protocol=udp", Cable.FAR, 0, 7001);
    matches(0, "protocol=tcp", Cable.FAR, 0, 7001);
    matches(0, "protocol=icmp", Cable.FAR, 0, 7001);
    matches(10, "destination-ip=10.77.0.0/30", Cable.FAR, 0, 7001);
    matches(0, "destination-ip=10.77.0.3", Cable.FAR, 0, 7001);
    matches(10, "destination-ip=fd77::/64,192.0.2.0/24", Cable.FAR_6, 0, 7001);
    matches(0, "destination-ip=fd77::3", Cable.FAR_6, 0, 7001);
    matches(0, "exclude-ip=10.77.0.2", Cable.FAR, 0, 7001);
    matches(10, "exclude-ip=10.77.0.2", Cable.FAR_6, 0, 7001);
    matches(0, "exclude-port=7001", Cable.FAR_6, 0, 7001);
    matches(0, "exclude-port=6000", Cable.FAR, 6000, 7001);
    matches(10, "exclude-port=6000", Cable.FAR, 6001, 7001);
    matches(10, "interface=fa", Cable.FAR, 0, 7001);
    matches(0, "interface=lo", Cable.FAR, 0, 7001);
  }

  /** Only the first fragment has ports. */
  @Test
  void allFragmentsOfAnExcludedPortPass() throws Exception {
    for (String to : List.of(Cable.FAR, Cable.FAR_6)) {
      FileTrial on = limit("rate=100mbit", "exclude-port=7001", "protocol=udp");
      try (DatagramSocket socket = new DatagramSocket()) {
        socket.send(new DatagramPacket(new byte[5_000], 5_000, InetAddress.getByName(to), 7001));
        assertEquals(0, hits(on), to);
        socket.send(new DatagramPacket(new byte[1_000], 1_000, InetAddress.getByName(to), 7002));
        assertEquals(1, hits(on), to);
      }
      undone(on);
    }
  }

  private void matches(int hits, String flag, String address, int from, int to) throws Exception {
    // else neighbour discovery would be counted now and then
    String udp = flag.startsWith("protocol=") ? flag : "protocol=udp";
    FileTrial on = limit("rate=100mbit", flag, udp);
    send(address, from, to, 10);
    assertEquals(hits, hits(on), flag + " " + address + " " + from + " to " + to);
    undone(on);
  }

  private static void send(String address, int from, int to, int count) throws Exception {
    try (DatagramSocket socket = new DatagramSocket(from)) {
      InetAddress there = InetAddress.getByName(address);
      for (int i = 0; i < count; i++) {
        socket.send(new DatagramPacket(new byte[100], 100, there, to));
      }
    }
  }

  @Test
  void whatOthersTakeAwayIsSeenAsGoneAndWhatTheyPutThereStays() throws Exception {
    FileTrial on = limit("rate=1mbit");
    Cable.run("tc qdisc del dev fa root");
    assertEquals(Sighting.CHANGED, rollback.look(on.steps().getFirst()));
    assertEquals(Effect.State.GONE, on.holds.getFirst().effect().state());
    undone(on);

    FileTrial again = limit("rate=1mbit");
    Cable.run("tc qdisc replace dev fa root handle 9: pfifo limit 7");
    String theirs = Traffic.listing("fa");
    assertInstanceOf(Outcome.Conflict.class, again.destroy(false).getFirst());
    assertEquals(theirs, Traffic.listing("fa"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tc class change dev fa parent fa17: classid fa17:2001 htb rate 900mbit",
        "tc class change dev fa parent fa17:2001 classid fa17:1001 htb rate 1mbit ceil 2mbit",
        "tc filter del dev fa parent fa17:"
      })
  void whatOthersChangeInsideIsSeenAsGoneAndComesBack(String change) throws Exception {
    String before = Traffic.listing("fa");
    FileTrial on = limit("rate=1mbit", "remote-port=7001");
    FileTrial other = limit("rate=2mbit", "remote-port=7002");
    Cable.run(change);
    assertEquals(Sighting.CHANGED, rollback.look(on.steps().getFirst()));
    assertEquals(Effect.State.GONE, on.holds.getFirst().effect().state());
    if (change.contains("class")) {
      assertEquals(Sighting.PRESENT, rollback.look(other.steps().getFirst()));
      assertEquals(Effect.State.SETTLED, other.holds.getFirst().effect().state());
    }
    undone(on);
    assertEquals(Sighting.PRESENT, rollback.look(other.steps().getFirst()));
    undone(other);
    assertEquals(before, Traffic.listing("fa"));
  }

  @Test
  void anInterfaceThatIsNoMoreNeedsNoReturn() throws Exception {
    Cable.run("ip link add ga type veth peer name gb; ip link set ga up; ip link set gb up");
    FileTrial on = limit("rate=1mbit", "interface=ga");
    Cable.run("ip link del ga");
    assertEquals(Sighting.TARGET_GONE, rollback.look(on.steps().getFirst()));
    Effect effect = on.holds.getFirst().effect();
    assertEquals(Effect.State.GONE, effect.state());
    assertEquals("target-gone: there is no interface ga any more", effect.detail());
    undone(on);
  }

  @Test
  void whatCannotBePutBackIsRefusedBeforeAnythingChanges() throws Exception {
    Cable.run(SHAPED);
    Cable.run(
        """
        ip link add ga type veth peer name gb; ip link set ga up
        tc filter add dev fa parent 1: protocol ip prio 7 u32 match u32 0 0 \
            action mirred egress redirect dev ga
        """);
    String before = Traffic.listing("fa");
    FaultException refused =
        assertThrows(FaultException.class, () -> limit("rate=1mbit", "interface=fa"));
    assertEquals(Reason.UNSUPPORTED, refused.reason());
    assertTrue(refused.getMessage().contains("filter u32 pref 7"), refused.getMessage());
    assertEquals(before, Traffic.listing("fa"));
    Cable.run("ip link del ga");
  }

  @Test
  void programsThatSeePacketsFirstAreARefusal() throws Exception {
    Cable.run(
        """
        tc qdisc add dev fa clsact
        tc filter add dev fa egress protocol all prio 3 u32 match u32 0 0
        """);
    FaultException refused = assertThrows(FaultException.class, () -> limit("rate=1mbit"));
    assertEquals(Reason.UNSUPPORTED, refused.reason());
    assertTrue(refused.getMessage().contains("fa has a clsact filter u32 pref 3"));
    Cable.run("tc filter del dev fa egress");
    undone(limit("rate=1mbit"));
    assertTrue(Traffic.listing("fa").contains("clsact"), "what is not in the way stays");
  }

  @Test
  void aTreeOfOursWithoutARecordIsNotTouched() throws Exception {
    limit("rate=1mbit");
    journal = new FileTrial.Journal(rollback);
    FaultException refused = assertThrows(FaultException.class, () -> limit("rate=1mbit"));
    assertEquals(Reason.CONFLICT, refused.reason());
    assertTrue(refused.getMessage().contains("faultd sweep"));
  }

  @Test
  void thirteenAreTooMany() throws Exception {
    for (int i = 0; i < 12; i++) {
      limit("rate=1mbit", "remote-port=" + (1 + i));
    }
    FaultException refused = assertThrows(FaultException.class, () -> limit("rate=1mbit"));
    assertEquals(Reason.LIMIT, refused.reason());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rate=fast", "rate=1", "rate=7kbit", "rate=1000gbit", "rate=1mbps"})
  void ratesThatAreNoneAreRefused(String flag) {
    FaultException refused = assertThrows(FaultException.class, () -> limit(flag));
    assertEquals(Reason.ILLEGAL_PARAMETER, refused.reason());
    assertEquals("rate", refused.field().orElseThrow());
  }

  @Test
  void otherFlagsThatCannotBeAreRefused() {
    assertThrows(FaultException.class, () -> limit("rate=1mbit", "interface=nowhere"));
    assertThrows(FaultException.class, () -> limit("rate=1mbit", "burst=10"));
    assertThrows(FaultException.class, () -> limit("burst=10K"));
  }

  /** The kernel takes 4,096 instructions for all experiments of an interface. */
  @Test
  void listsThatAreTooLongTogetherAreRefusedBeforeAnythingChanges() throws Exception {
    String before = Traffic.listing("fa");
    String addresses =
        IntStream.range(0, 600)
            .mapToObj(i -> "10.%d.%d.1".formatted(i / 250, i % 250))
            .collect(Collectors.joining(","));
    List<FileTrial> there = new ArrayList<>();
    there.add(limit("rate=1mbit", "remote-port=1", "destination-ip=" + addresses));
    there.add(limit("rate=1mbit", "remote-port=2", "destination-ip=" + addresses));
    String both = Traffic.listing("fa");
    FileTrial third = new FileTrial(journal, "trial");
    String[] flags = {"rate=1mbit", "remote-port=3", "destination-ip=" + addresses};
    NetworkLimit.Params params = Flags.bind("limit", NetworkLimit.Params.class, flags);
    FaultException refused =
        assertThrows(FaultException.class, () -> new NetworkLimit().inject(params, third));
    assertEquals(Reason.LIMIT, refused.reason(), refused.getMessage());
    assertEquals(List.of(), third.steps());
    assertEquals(both, Traffic.listing("fa"));
    there.forEach(NetworkLimitTest::undone);
    assertEquals(before, Traffic.listing("fa"));
  }

  @Test
  void aLongListOfPortsAndAddressesIsOneFilter() throws Exception {
    List<String> addresses = new ArrayList<>();
    StringBuilder ports = new StringBuilder("7001");
    for (int i = 0; i < 100; i++) {
      addresses.add("10.78.0." + i);
      ports.append(',').append(8000 + 2 * i);
    }
    addresses.add(Cable.FAR);
    FileTrial on =
        limit(
            "rate=1mbit", "destination-ip=" + String.join(",", addresses), "remote-port=" + ports);
    send(Cable.FAR, 0, 7001, 5);
    send(Cable.FAR, 0, 7002, 5);
    assertEquals(5, hits(on));
    Undo step = on.steps().getFirst();
    assertEquals("packets sent by fa: at most 1000000 bit/s", step.describe());
  }
}
