package io.faultd.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Errno;
import io.faultd.linux.LinuxException;
import io.faultd.testing.Lab;
import io.faultd.testing.Requires;
import java.util.List;
import org.junit.jupiter.api.Test;

@Requires("root")
class NetlinkTest {
  private static final int RTM_NEWLINK = 16;
  private static final int RTM_GETLINK = 18;
  private static final int IFLA_IFNAME = 3;
  private static final int LINK = 16;

  @Test
  void listsTheLinksOfAnotherNamespaceFromThisThread() throws Exception {
    try (Lab lab = Lab.fresh()) {
      lab.each("ip link add left type veth peer name right");
      try (Netlink netlink = Netlink.open(Protocol.ROUTE, lab.path())) {
        assertEquals(List.of("left", "lo", "right"), names(netlink));
        lab.each("ip link del left");
        assertEquals(List.of("lo"), names(netlink));
      }
    }
  }

  @Test
  void tellsWhichMessageOfABatchWasRefusedAndWhyInTheKernelsWords() throws Exception {
    try (Lab lab = Lab.fresh();
        Netlink netlink = Netlink.open(Protocol.ROUTE, lab.path())) {
      Batch batch = new Batch();
      up(batch.message("first", RTM_NEWLINK, 0), 1);
      up(batch.message("second", RTM_NEWLINK, 0), 99);
      qdisc(batch.message("third", 36, Batch.CREATE | Batch.EXCLUSIVE), "nonsense");
      up(batch.message("fourth", RTM_NEWLINK, 0), 1);
      NetlinkException refused = assertThrows(NetlinkException.class, () -> netlink.send(batch));
      assertEquals(1, refused.index());
      assertEquals("second", refused.what());
      assertTrue(refused.is(Errno.ENODEV), refused.getMessage());
      NetlinkException third = (NetlinkException) refused.getSuppressed()[0];
      assertEquals(2, third.index());
      assertEquals(
          "third: No such file or directory (ENOENT): the kernel says: Specified qdisc kind is"
              + " unknown",
          third.getMessage());
      assertEquals(1, refused.getSuppressed().length);
      assertEquals(List.of("lo"), names(netlink), "the socket is of use after a refusal");
    }
  }

  @Test
  void namesTheAttributeToBlame() throws Exception {
    try (Lab lab = Lab.fresh();
        Netlink netlink = Netlink.open(Protocol.ROUTE, lab.path())) {
      Batch batch = new Batch();
      up(batch.message("rename", RTM_NEWLINK, 0), 1).u8(4 /* IFLA_MTU, of four bytes */, 1);
      NetlinkException refused = assertThrows(NetlinkException.class, () -> netlink.send(batch));
      assertEquals(16 + LINK, refused.offset());
      assertTrue(refused.text().isPresent());
    }
  }

  @Test
  void growsWithTheMessage() throws Exception {
    Batch batch = new Batch();
    Message message = batch.message("long", 1, 0);
    message.nest(
        1,
        list -> {
          for (int i = 0; i < 1000; i++) {
            list.text(2, "attribute " + i).be16(3, i).u64(4, -1);
          }
        });
    Message whole = batch.sealed(1);
    assertTrue(whole.size() > 30_000);
    assertThrows(
        IllegalArgumentException.class,
        () -> message.nest(1, list -> list.bytes(2, new byte[65_530])));
  }

  @Test
  void readsWhatItWrote() {
    Batch batch = new Batch();
    batch
        .message("all", 1, 0)
        .u8(1, 200)
        .u16(2, 40_000)
        .u32(3, 0xfedcba98L)
        .u64(4, -2)
        .be16(5, 0x1234)
        .be32(6, 0x12345678)
        .be64(7, 0x123456789abcdef0L)
        .text(8, "näme")
        .nest(9, inner -> inner.flag(1).bytes(2, new byte[] {1, 2, 3}));
    Attributes read = Attributes.of(batch.sealed(7).bytes(), 16);
    assertEquals(200, read.u8(1));
    assertEquals(40_000, read.u16(2));
    assertEquals(0xfedcba98L, read.u32(3));
    assertEquals(-2, read.u64(4));
    assertEquals(0x1234, read.be16(5));
    assertEquals(0x12345678, read.be32(6));
    assertEquals(0x123456789abcdef0L, read.be64(7));
    assertEquals("näme", read.text(8));
    assertEquals(3, read.nested(9).bytes(2).length);
    assertTrue(read.nested(9).has(1));
    assertFalse(read.has(10));
    assertThrows(IllegalStateException.class, () -> read.u32(10));
    assertThrows(IllegalStateException.class, () -> read.u32(1));
  }

  @Test
  void aFileThatIsNoNamespaceIsNotEntered() {
    assertThrows(LinuxException.class, () -> Netlink.open(Protocol.ROUTE, "/proc/self/stat"));
    assertThrows(LinuxException.class, () -> Netlink.open(Protocol.ROUTE, "/nowhere"));
  }

  private static Message up(Message message, int index) {
    return message.put8(0).put8(0).put16(0).put32(index).put32(1).put32(1);
  }

  private static void qdisc(Message message, String kind) {
    message.put32(0).put32(1).put32(0x10000).put32(-1).put32(0).text(1, kind);
  }

  private static List<String> names(Netlink netlink) throws Exception {
    return netlink
        .dump(Netlink.asking("list links", RTM_GETLINK, m -> m.put32(0).put32(0).put32(0).put32(0)))
        .stream()
        .map(answer -> answer.attributes(LINK).text(IFLA_IFNAME))
        .sorted()
        .toList();
  }
}
