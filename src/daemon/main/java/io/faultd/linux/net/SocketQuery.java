package io.faultd.linux.net;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import jnr.ffi.Pointer;

/**
 * Asks the kernel for one TCP socket (sock_diag(7), linux/inet_diag.h): some microseconds, where
 * reading the table walks all of the kernel's hash buckets, which takes milliseconds however few
 * sockets there are.
 */
final class SocketQuery {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int NETLINK_SOCK_DIAG = 4;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int IPPROTO_TCP = 6;

  private static final short NLMSG_ERROR = 2;
  private static final short SOCK_DIAG_BY_FAMILY = 20;
  private static final short NLM_F_REQUEST = 1;

  /** A header (struct nlmsghdr) and a struct inet_diag_req_v2. */
  private static final int REQUEST = 72;

  /** A header and a struct inet_diag_msg, without attributes. */
  private static final int ANSWER = 88;

  private static final int HEADER = 16;
  private static final int STATE = HEADER + 1;
  private static final int UID = HEADER + 64;
  private static final int INODE = HEADER + 68;
  private static final int LISTEN = 10;

  private static final Calls C = Native.bind(Calls.class);

  private SocketQuery() {}

  /**
   * Who has the socket with these two sides.
   *
   * @param local the socket's own side
   * @param remote the other side
   * @return empty if there is none, or it is closed already
   * @throws LinuxException if the kernel cannot be asked this way
   */
  static Optional<Sockets.Peer> connected(InetSocketAddress local, InetSocketAddress remote)
      throws LinuxException {
    ByteBuffer answer = Native.buffer(512);
    try (Fd netlink = open()) {
      // rewound, for a pointer to a buffer begins at its position
      ByteBuffer request = request(local, remote).rewind();
      long sent = C.send(netlink.number(), Native.at(request), REQUEST, 0);
      Native.check("send", sent, "sock_diag");
      // the answer is made while the request is sent
      long got = C.recv(netlink.number(), Native.at(answer), answer.capacity(), MSG_DONTWAIT);
      Native.check("recv", got, "sock_diag");
    }
    if (answer.getShort(4) == NLMSG_ERROR) {
      LinuxException refused = new LinuxException("sock_diag", -answer.getInt(HEADER), null);
      if (refused.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw refused;
    }
    long inode = Integer.toUnsignedLong(answer.getInt(INODE));
    if (answer.getInt(0) < ANSWER || inode == 0 || answer.get(STATE) == LISTEN) {
      return Optional.empty();
    }
    return Optional.of(new Sockets.Peer(Integer.toUnsignedLong(answer.getInt(UID)), inode));
  }

  private static Fd open() throws LinuxException {
    return new Fd(
        Native.check(
            "socket", C.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG), "sock_diag"));
  }

  private static ByteBuffer request(InetSocketAddress local, InetSocketAddress remote) {
    boolean wide = !(local.getAddress() instanceof Inet4Address);
    ByteBuffer request = Native.buffer(REQUEST);
    request
        .putInt(REQUEST)
        .putShort(SOCK_DIAG_BY_FAMILY)
        .putShort(NLM_F_REQUEST)
        .putInt(1)
        .putInt(0);
    // all states; the kernel finds an IPv4 connection of an IPv6 socket under IPv4
    request
        .put((byte) (wide ? AF_INET6 : AF_INET))
        .put((byte) IPPROTO_TCP)
        .putShort((short) 0)
        .putInt(-1);
    request.order(ByteOrder.BIG_ENDIAN);
    request.putShort((short) local.getPort()).putShort((short) remote.getPort());
    request.put(28, local.getAddress().getAddress());
    request.put(44, remote.getAddress().getAddress());
    // any interface, and no cookie (INET_DIAG_NOCOOKIE)
    return request.putInt(60, 0).putLong(64, -1L);
  }

  /** What is called. */
  public interface Calls {
    /** See socket(2). */
    int socket(int domain, int type, int protocol);

    /** See send(2). */
    long send(int fd, Pointer bytes, long length, int flags);

    /** See recv(2). */
    long recv(int fd, Pointer bytes, long length, int flags);
  }
}
