package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.fault.Effect;
import io.faultd.fault.Hold;
import io.faultd.linux.Fd;
import io.faultd.linux.Native;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Cable;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import jnr.ffi.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ports are found behind whatever headers IPv6 has before them, and behind the one that IPv4 may
 * have.
 */
@Requires("root")
class ExtensionHeadersTest {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int IPPROTO_RAW = 255;
  private static final int UDP = 17;
  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int AUTHENTICATION = 51;
  private static final int DESTINATION = 60;

  private static final List<List<Integer>> CHAINS =
      List.of(
          List.of(),
          List.of(HOP_BY_HOP),
          List.of(AUTHENTICATION),
          List.of(DESTINATION, AUTHENTICATION),
          List.of(AUTHENTICATION, DESTINATION),
          List.of(HOP_BY_HOP, ROUTING, AUTHENTICATION, DESTINATION));

  @TempDir Path folder;
  private Cable cable;
  private FileTrial on;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open();
    on = new FileTrial(new FileTrial.Journal(new Rollback(folder)), "trial");
  }

  @AfterEach
  void close() throws Exception {
    on.holds.forEach(Hold::close);
    on.destroy(false);
    cable.close();
  }

  @Test
  void byRules() throws Exception {
    String[] flags = {"percent=100", "remote-port=7005", "interface=fa", "engine=nft"};
    new NetworkLoss().inject(Flags.bind("loss", NetworkLoss.Params.class, flags), on);
    for (List<Integer> chain : CHAINS) {
      // the kernel's own reading ends there
      if (!chain.contains(AUTHENTICATION)) {
        isHit(chain, Cable.NEAR_6, Cable.FAR_6);
      }
    }
  }

  @Test
  void byQueues() throws Exception {
    String[] flags = {"rate=1mbit", "remote-port=7005", "interface=fa"};
    new NetworkLimit().inject(Flags.bind("limit", NetworkLimit.Params.class, flags), on);
    for (List<Integer> chain : CHAINS) {
      isHit(chain, Cable.NEAR_6, Cable.FAR_6);
    }
    isHit(List.of(), Cable.NEAR, Cable.FAR);
    isHit(List.of(AUTHENTICATION), Cable.NEAR, Cable.FAR);
  }

  private void isHit(List<Integer> chain, String near, String far) throws Exception {
    InetAddress from = InetAddress.getByName(near);
    InetAddress to = InetAddress.getByName(far);
    assertEquals(1, hit(packet(chain, 7005, from, to), to), "behind " + chain);
    assertEquals(0, hit(packet(chain, 7006, from, to), to), "another port behind " + chain);
  }

  private long hit(byte[] packet, InetAddress to) throws Exception {
    Effect before = on.holds.getFirst().effect();
    send(packet, to);
    return on.holds.getFirst().effect().hits() - before.hits();
  }

  private static byte[] packet(List<Integer> chain, int port, InetAddress from, InetAddress to) {
    ByteBuffer above = ByteBuffer.allocate(256);
    for (int i = 0; i < chain.size(); i++) {
      int next = i + 1 < chain.size() ? chain.get(i + 1) : UDP;
      above.put((byte) next);
      switch (chain.get(i)) {
        // in units of 4 bytes, less 2: what tells who it is of, its number, 12 bytes of a digest
        case AUTHENTICATION -> above.put((byte) 4).putShort((short) 0).put(new byte[20]);
        // nowhere else to go
        case ROUTING -> above.put((byte) 0).put((byte) 4).put(new byte[5]);
        // 6 bytes that pad
        default -> above.put((byte) 0).put((byte) 1).put((byte) 4).put(new byte[4]);
      }
    }
    above.putShort((short) 6005).putShort((short) port).putShort((short) 12).putShort((short) 0);
    above.putInt(0).flip();
    byte first = (byte) (int) (chain.isEmpty() ? UDP : chain.getFirst());
    ByteBuffer whole = ByteBuffer.allocate(40 + above.remaining());
    if (to instanceof Inet4Address) { // the kernel writes its checksum
      whole.putInt(0x45000000 | 20 + above.remaining()).putInt(0);
      whole.put((byte) 64).put(first).putShort((short) 0);
    } else {
      whole.putInt(0x60000000).putShort((short) above.remaining()).put(first).put((byte) 64);
    }
    whole.put(from.getAddress()).put(to.getAddress()).put(above).flip();
    byte[] bytes = new byte[whole.remaining()];
    whole.get(bytes);
    return bytes;
  }

  private static void send(byte[] packet, InetAddress to) throws IOException {
    Raw raw = Native.bind(Raw.class);
    boolean narrow = to instanceof Inet4Address;
    int made = raw.socket(narrow ? AF_INET : AF_INET6, SOCK_RAW_CLOEXEC, IPPROTO_RAW);
    try (Fd socket = new Fd(Native.check("socket", made, "raw"))) {
      ByteBuffer address = Native.buffer(28).putShort(0, (short) (narrow ? AF_INET : AF_INET6));
      address.put(narrow ? 4 : 8, to.getAddress());
      Pointer bytes = Native.at(Native.buffer(packet.length).put(0, packet));
      int size = narrow ? 16 : 28;
      long sent = raw.sendto(socket.number(), bytes, packet.length, 0, Native.at(address), size);
      Native.check("sendto", sent, "raw");
    }
  }

  /** What is called. */
  public interface Raw {
    /** See socket(2). */
    int socket(int domain, int type, int protocol);

    /** See sendto(2). */
    long sendto(int fd, Pointer bytes, long length, int flags, Pointer address, int size);
  }
}
