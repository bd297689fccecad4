package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.faultd.fault.Effect;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cable;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules of others that ask for a packet's user and group know it when it was held, too. */
@Requires({"root", "nfqueue"})
class OwnersTest {
  private static final int PACKETS = 10;

  /** As some users, one after the other, with a group: whose sockets they are. */
  private static final String SENT =
      """
      perl -e 'use Socket qw(:DEFAULT inet_pton); ($first, $last, $group, $to) = @ARGV;
        $family = $to =~ /:/ ? PF_INET6 : PF_INET;
        $address = inet_pton($family, $to);
        $name = $to =~ /:/ ? sockaddr_in6(7001, $address) : sockaddr_in(7001, $address);
        for $user ($first..$last) {
          $) = "$group $group"; $> = $user;
          socket(S, $family, SOCK_DGRAM, 0) or die "socket $!";
          send(S, "x", 0, $name) or die "send $!" for 1..10;
          $> = 0; $) = "0 0";
        }' %d %d %d %s
      """;

  private Cable cable;
  private final RecordedInjection on = new RecordedInjection();

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(7001);
    Cable.run(
        """
        nft add table inet others
        nft add chain inet others out '{ type filter hook output priority 0; }'
        nft add rule inet others out udp dport 7001 meta skuid 12345 meta skgid 23456 counter
        nft add rule inet others out udp dport 7001 meta skuid 12346 counter
        nft add rule inet others out udp dport 7001 meta skuid 0 counter
        nft add rule inet others out udp dport 7001 counter
        """);
  }

  @AfterEach
  void close() throws Exception {
    on.close();
    Cable.run("nft delete table inet others; ip rule del pref 71 2>/dev/null || true");
    cable.close();
  }

  private void delay(String... flags) throws Exception {
    new NetworkDelay().inject(Flags.bind("delay", NetworkDelay.Params.class, flags), on);
  }

  /** What each of the rules has counted. */
  private static List<Integer> counted() throws Exception {
    return Cable.run("nft list chain inet others out")
        .lines()
        .filter(line -> line.contains("counter packets"))
        .map(line -> Integer.valueOf(line.replaceFirst(".* packets (\\d+) .*", "$1")))
        .toList();
  }

  @Test
  void eachPacketIsItsUsersAndItsGroups() throws Exception {
    delay("engine=nfqueue", "time=50", "remote-port=7001");
    Cable.run(SENT.formatted(12345, 12345, 23456, Cable.FAR));
    Cable.run(SENT.formatted(12345, 12345, 23456, Cable.FAR_6));
    Cable.run(SENT.formatted(12346, 12346, 1, Cable.FAR));
    Cable.run(SENT.formatted(0, 0, 0, Cable.FAR_6));
    List<Integer> all = List.of(2 * PACKETS, PACKETS, PACKETS, 4 * PACKETS);
    Eventually.eventually("all are counted", () -> counted().equals(all));
    Effect effect = on.holds.getFirst().effect();
    assertEquals(4 * PACKETS, effect.hits());
    assertWhole(effect);
  }

  @Test
  void ofMoreUsersThanThereAreSocketsForPacketsAreHeldWhereTheyAre() throws Exception {
    delay("engine=nfqueue", "time=50", "remote-port=7001");
    Cable.run(SENT.formatted(20001, 20080, 1, Cable.FAR));
    Eventually.eventually("all are sent", () -> counted().getLast() == 80 * PACKETS);
    assertEquals(0, counted().get(2), "none is root's");
    Effect effect = on.holds.getFirst().effect();
    assertEquals(80 * PACKETS, effect.hits());
    assertWhole(effect);
  }

  @Test
  void routesOfAUserAreStillTheirs() throws Exception {
    cable.runFar("ip addr add 10.99.0.1/32 dev fb");
    Cable.run("ip rule add pref 71 uidrange 12345-12345 lookup 77");
    Cable.run("ip route add 10.99.0.0/24 via 10.77.0.2 table 77");
    delay("engine=nfqueue", "time=50", "remote-port=7001");
    Cable.run(SENT.formatted(12345, 12345, 23456, "10.99.0.1"));
    Eventually.eventually("all are sent", () -> counted().getFirst() == PACKETS);
    assertWhole(on.holds.getFirst().effect());
  }

  /** On a busy machine they are late all the same. */
  private static void assertWhole(Effect effect) {
    String detail = String.valueOf(effect.detail());
    assertFalse(detail.contains("lost") || detail.contains("went by"), detail);
    assertNotEquals(Effect.State.GONE, effect.state(), detail);
  }
}
