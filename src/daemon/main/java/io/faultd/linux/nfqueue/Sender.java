package io.faultd.linux.nfqueue;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import jnr.ffi.Pointer;

/**
 * Sends packets of one kind of IP as they are, headers included (raw(7)), many by one call, each
 * with a mark.
 */
final class Sender implements AutoCloseable {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int IPPROTO_RAW = 255;
  private static final int SOL_SOCKET = 1;
  private static final int SO_BROADCAST = 6;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_MARK = 36;
  private static final int BUFFER = 64 << 20;
  private static final int MSG_DONTWAIT = 0x40;

  private static final int MOST = 64;
  private static final int MESSAGE = 64;
  private static final int VECTOR = 16;
  private static final int ADDRESS = 32;
  private static final int CONTROL = 40;
  private static final int EACH = MESSAGE + VECTOR + ADDRESS + CONTROL;
  private static final int LINK_LOCAL = 0xfe;

  /** Of a message, where its part of control is told (struct msghdr). */
  private static final int CONTROL_AT = 32;

  private static final int CONTROL_SIZE_AT = 40;

  private static final int SOL_IP = 0;
  private static final int IP_PKTINFO = 8;
  private static final int PKTINFO_4 = 12;
  private static final int SOL_IPV6 = 41;
  private static final int IPV6_PKTINFO = 50;
  private static final int IPV6_FREEBIND = 78;
  private static final int PKTINFO_6 = 20;

  /**
   * Where packets are sent.
   *
   * @param network the namespace
   * @param mark that each carries
   * @param loopback the index of lo
   */
  record Place(Network network, int mark, int loopback) {}

  /** The size and kind of a part of control (struct cmsghdr). */
  private static final int CONTROL_HEADER = 16;

  private final Fd fd;
  private final boolean wide;
  private final Stash stash;
  private final int loopback;
  private final ByteBuffer messages = Native.buffer(MOST * EACH);
  private final Pointer[] starts = new Pointer[MOST];
  private final int[] numbers = new int[MOST];
  private int waiting;
  private volatile long failed;
  private volatile Errno error = Errno.UNKNOWN;

  private Sender(Fd fd, boolean wide, Stash stash, int loopback) {
    this.fd = fd;
    this.wide = wide;
    this.stash = stash;
    this.loopback = loopback;
    long base = Native.at(messages).address();
    for (int i = 0; i < MOST; i++) {
      int vector = MOST * MESSAGE + i * VECTOR;
      int address = MOST * (MESSAGE + VECTOR) + i * ADDRESS;
      messages.putLong(i * MESSAGE, base + address).putInt(i * MESSAGE + 8, wide ? 28 : 16);
      messages.putLong(i * MESSAGE + 16, base + vector).putLong(i * MESSAGE + 24, 1);
      messages.putShort(address, (short) (wide ? AF_INET6 : AF_INET));
      messages.putLong(i * MESSAGE + CONTROL_AT, base + control(i));
      messages.putLong(control(i), CONTROL_HEADER + (wide ? PKTINFO_6 : PKTINFO_4));
      messages.putInt(control(i) + 8, wide ? SOL_IPV6 : SOL_IP);
      messages.putInt(control(i) + 12, wide ? IPV6_PKTINFO : IP_PKTINFO);
      starts[i] = Native.at(messages.slice(i * MESSAGE, messages.capacity() - i * MESSAGE));
    }
  }

  private static int control(int place) {
    return MOST * (MESSAGE + VECTOR + ADDRESS) + place * CONTROL;
  }

  /**
   * Opens the socket.
   *
   * @param wide whether for IPv6
   * @param owner whose it is
   * @param stash where the packets are
   */
  static Sender open(Place place, boolean wide, long owner, Stash stash) throws IOException {
    Fd fd = place.network().inside(() -> Owner.opened(owner, () -> socket(wide)));
    boolean ready = false;
    try {
      set(fd, SOL_SOCKET, SO_MARK, place.mark());
      set(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER);
      set(fd, SOL_SOCKET, SO_BROADCAST, 1);
      if (wide) {
        set(fd, SOL_IPV6, IPV6_FREEBIND, 1); // the source may be another's, as of a proxy
      }
      ready = true;
      return new Sender(fd, wide, stash, place.loopback());
    } finally {
      if (!ready) {
        fd.close();
      }
    }
  }

  /** What is lacking to open one, as a sentence for people; empty if nothing. */
  static Optional<String> missing() {
    try {
      socket(false).close();
      return Optional.empty();
    } catch (LinuxException e) {
      return Optional.of(
          e.is(Errno.EPERM)
              ? "the daemon runs without CAP_NET_RAW, by which packets that were held are sent"
              : "packets that were held cannot be sent: " + e.getMessage());
    }
  }

  private static Fd socket(boolean wide) throws LinuxException {
    int made = Calls.C.socket(wide ? AF_INET6 : AF_INET, SOCK_RAW_CLOEXEC, IPPROTO_RAW);
    return new Fd(Native.check("socket", made, wide ? "raw IPv6" : "raw IPv4"));
  }

  private static void set(Fd fd, int level, int option, int value) throws LinuxException {
    Pointer bytes = Native.at(Native.buffer(4).putInt(0, value));
    Native.check(
        "setsockopt", Calls.C.setsockopt(fd.number(), level, option, bytes, 4), "raw socket");
  }

  /** Takes a packet out of the stash, to be sent at the next {@link #flush} at the latest. */
  void send(int number) {
    int vector = MOST * MESSAGE + waiting * VECTOR;
    int address = MOST * (MESSAGE + VECTOR) + waiting * ADDRESS;
    messages.putLong(vector, stash.address(number)).putLong(vector + 8, stash.length(number));
    if (wide) {
      for (int word = 0; word < 16; word += 4) {
        messages.putInt(address + 8 + word, stash.word(number, 24 + word));
      }
      boolean local = stash.octet(number, 24) == LINK_LOCAL;
      messages.putInt(address + 24, local ? stash.output(number) : 0);
    } else {
      messages.putInt(address + 4, stash.word(number, 16));
    }
    route(number);
    numbers[waiting++] = number;
    if (waiting == MOST) {
      flush();
    }
  }

  /**
   * Tells by which source address and interface a route is looked up, which is as it was for the
   * packet. What goes out by lo was routed without, and is for one of our own addresses.
   */
  private void route(int number) {
    int output = stash.output(number) == loopback ? 0 : stash.output(number);
    int at = control(waiting) + CONTROL_HEADER;
    boolean told = true;
    if (wide) {
      for (int word = 0; word < 16; word += 4) {
        messages.putInt(at + word, stash.word(number, 8 + word));
      }
      messages.putInt(at + 16, output);
      told = output != 0 || stash.octet(number, 8) != LINK_LOCAL;
    } else {
      messages.putInt(at, output).putInt(at + 4, stash.word(number, 12));
    }
    int size = CONTROL_HEADER + (wide ? PKTINFO_6 : PKTINFO_4);
    messages.putLong(waiting * MESSAGE + CONTROL_SIZE_AT, told ? size + 7 & ~7 : 0);
  }

  /** Sends what has come together; what cannot be sent now is lost. */
  void flush() {
    int at = 0;
    while (at < waiting) {
      int sent = Calls.C.sendmmsg(fd.number(), starts[at], waiting - at, MSG_DONTWAIT);
      if (sent > 0) {
        at += sent;
      } else if (!Native.interrupted(sent)) {
        error = Errno.of(Native.errno());
        failed = failed + 1; // by one thread only
        at++;
      }
    }
    for (int i = 0; i < waiting; i++) {
      stash.remove(numbers[i]);
    }
    waiting = 0;
  }

  /** How many could not be sent. */
  long failed() {
    return failed;
  }

  /** Why the last of them could not. */
  Errno error() {
    return error;
  }

  @Override
  public void close() {
    fd.close();
  }
}
