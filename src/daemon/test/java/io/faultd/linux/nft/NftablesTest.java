package io.faultd.linux.nft;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Errno;
import io.faultd.linux.netlink.NetlinkException;
import io.faultd.linux.ns.Network;
import io.faultd.testing.Cable;
import io.faultd.testing.Requires;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@Requires("root")
class NftablesTest {
  private static final Expression ACCEPT = new Expression.Verdict(Expression.Verdict.Fate.ACCEPT);

  @Test
  void thisKernelCanDoWhatFaultsNeed() {
    assertEquals(Optional.empty(), Nftables.missing());
    assertEquals(Optional.empty(), Nftables.missingRandom());
    assertEquals(Optional.empty(), Nftables.missingContains());
    assertEquals(Optional.empty(), Nftables.missingQueue());
  }

  @Test
  void aTransactionIsMadeAsAWholeOrNotAtAll() throws Exception {
    try (Nftables nftables = Nftables.open(Network.OWN)) {
      Transaction broken =
          new Transaction().table("whole").rule("whole", "nowhere", List.of(ACCEPT));
      NetlinkException refused =
          assertThrows(NetlinkException.class, () -> nftables.commit(broken));
      assertTrue(refused.is(Errno.ENOENT), refused.getMessage());
      assertEquals("make rule in nowhere", refused.what());
      assertEquals(List.of(), nftables.tables());
    }
  }

  @Test
  void aTableEndsWithTheConversationAndNobodyElseCanDeleteIt() throws Exception {
    try (Nftables other = Nftables.open(Network.OWN)) {
      try (Nftables owner = Nftables.open(Network.OWN)) {
        owner.commit(new Transaction().table("mine"));
        Table mine = new Table(Table.INET, "mine", true);
        assertEquals(List.of(mine), other.tables());
        NetlinkException refused =
            assertThrows(
                NetlinkException.class, () -> other.commit(new Transaction().delete(mine)));
        assertTrue(refused.is(Errno.EPERM), refused.getMessage());
        owner.commit(new Transaction().delete(mine));
        assertEquals(List.of(), other.tables());
        owner.commit(new Transaction().table("mine"));
      }
      assertEquals(List.of(), other.tables());
    }
  }

  @Test
  void anEndIsNotWaitedForAndKeepsNothing() throws Exception {
    try (Cable cable = Cable.open();
        Nftables other = Nftables.open(Network.OWN);
        Nftables far = Nftables.open(cable.network())) {
      long least = Long.MAX_VALUE;
      for (int i = 0; i < 30; i++) {
        Nftables lasting = Nftables.lasting(Network.OWN);
        lasting.commit(new Transaction().table("mine").chain("mine", "out", Hook.OUTPUT, 0));
        assertEquals(List.of(new Table(Table.INET, "mine", true)), other.tables());
        long begin = System.nanoTime();
        lasting.end("mine");
        least = Math.min(least, System.nanoTime() - begin);
        assertEquals(List.of(), other.tables());
      }
      // the kernel's wait, as in a close, takes more than 3 ms
      assertTrue(least < 2_000_000, "took " + least + " ns");
      Nftables.lasting(Network.OWN).end("never made");
      int before = descriptors();
      for (int i = 0; i < 5; i++) {
        Nftables lasting = Nftables.lasting(cable.network());
        lasting.commit(new Transaction().table("mine"));
        lasting.end("mine");
        assertEquals(List.of(), far.tables());
      }
      eventually("no socket holds the other namespace", () -> descriptors() <= before);
    }
  }

  private static int descriptors() {
    return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
  }

  @Test
  void setsHoldThousandsOfIntervals() throws Exception {
    List<Interval> ports = new ArrayList<>();
    for (int port = 1; port < 20_000; port += 3) {
      ports.add(Interval.of16(port, port + 1));
    }
    Values set = new Values("many", Values.Type.PORT, ports);
    try (Nftables nftables = Nftables.open(Network.OWN)) {
      nftables.commit(
          new Transaction()
              .table("mine")
              .set("mine", set)
              .set(
                  "mine",
                  new Values(
                      "whole",
                      Values.Type.PORT,
                      List.of(Interval.of16(0, 10), Interval.of16(60_000, 65_535)))));
      String listed = Cable.run("nft list set inet mine many; nft list set inet mine whole");
      assertTrue(listed.contains("19996-19997"), listed.substring(0, 200));
      assertTrue(listed.contains("60000-65535"), listed.substring(listed.length() - 200));
    }
  }

  @Test
  void rulesReadAsTheyWereMeant() throws Exception {
    Values networks =
        new Values(
            "networks",
            Values.Type.IPV4,
            List.of(new Interval(new byte[] {10, 0, 0, 0}, new byte[] {10, 0, 0, -1})));
    List<Expression> parts = new ArrayList<>();
    parts.addAll(Expression.is(new Expression.Load(Expression.Fact.FAMILY), (byte) 2));
    parts.add(new Expression.Payload(Expression.Header.NETWORK, 16, 4));
    parts.add(new Expression.Lookup(networks, true));
    parts.addAll(Expression.is(new Expression.Load(Expression.Fact.PROTOCOL), (byte) 6));
    parts.add(new Expression.Counter());
    parts.add(ACCEPT);
    try (Nftables nftables = Nftables.open(Network.OWN)) {
      nftables.commit(
          new Transaction()
              .table("read")
              .set("read", networks)
              .chain("read", "out", Hook.OUTPUT, -310)
              .rule("read", "out", parts));
      String listed = Cable.run("nft list table inet read");
      assertTrue(listed.contains("type filter hook output priority raw - 10"), listed);
      assertTrue(listed.contains("elements = { 10.0.0.0/24 }"), listed);
      assertTrue(
          listed.contains("ip daddr @networks meta l4proto tcp counter packets 0 bytes 0 accept"),
          listed);
      assertEquals(List.of(new Count("out", 0, 0)), nftables.counts("read"));
    }
  }
}
