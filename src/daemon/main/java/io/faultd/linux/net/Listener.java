package io.faultd.linux.net;

import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Batch;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.netlink.Protocol;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A TCP socket that waits for connections (sock_diag(7), linux/inet_diag.h). The kernel is asked
 * for these alone; the tables of procfs take milliseconds, however few sockets there are.
 *
 * @param port that it serves
 * @param inode of the socket
 */
public record Listener(int port, long inode) {
  /** One dump of both kinds of IP, where SOCK_DIAG_BY_FAMILY takes one for each. */
  private static final int TCPDIAG_GETSOCK = 18;

  private static final int AF_INET = 2;
  private static final int LISTEN = 1 << 10;

  /** Of struct inet_diag_sockid, in bytes. */
  private static final int SOCKET = 48;

  private static final int PORT = 4;
  private static final int INODE = 68;

  /**
   * All of this process's network namespace.
   *
   * @throws IOException if the kernel cannot be asked this way
   */
  public static List<Listener> all() throws IOException {
    List<Listener> all = new ArrayList<>();
    Batch asking =
        Netlink.asking(
            "list sockets that listen",
            TCPDIAG_GETSOCK,
            // struct inet_diag_req
            message -> message.put8(AF_INET).put(new byte[3 + SOCKET]).put32(LISTEN).put32(0));
    try (Netlink netlink = Netlink.open(Protocol.SOCK_DIAG, Network.OWN)) {
      for (Answer answer : netlink.dump(asking)) {
        int port = Short.toUnsignedInt(Short.reverseBytes(answer.header().getShort(PORT)));
        all.add(new Listener(port, Integer.toUnsignedLong(answer.header().getInt(INODE))));
      }
    }
    return all;
  }
}
