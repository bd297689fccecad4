package io.faultd.linux.netlink;

import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Sockets of netfilter that have been used and are kept for the next who needs one.
 *
 * <p>When such a socket is closed the kernel first frees all that anybody has deleted in that
 * namespace. For that it waits until no processor looks at it any more, some 10 ms, and nobody can
 * change anything meanwhile (nft_rcv_nl_event in net/netfilter/nf_tables_api.c). So those of this
 * process's own namespace are not closed, and those of others, which would keep their namespaces
 * alive, are closed by a thread of their own.
 *
 * <p>Thread-safe.
 */
public final class Reserve {
  private final int send;
  private final int receive;
  private final int most;
  private final Deque<Netlink> idle = new ArrayDeque<>();

  /**
   * An empty one.
   *
   * @param send how wide their buffers are, in bytes
   * @param receive the same
   * @param most how many are kept
   */
  public Reserve(int send, int receive, int most) {
    this.send = send;
    this.receive = receive;
    this.most = most;
  }

  /** A socket in a namespace, for one thread at a time. */
  public Lent take(Network network) throws IOException {
    boolean own = network.own();
    Netlink kept = own ? poll() : null;
    Netlink netlink =
        kept == null ? Netlink.open(Protocol.NETFILTER, network).buffers(send, receive) : kept;
    return new Lent(netlink, own);
  }

  private synchronized @Nullable Netlink poll() {
    return idle.poll();
  }

  private synchronized boolean keep(Netlink netlink) {
    return idle.size() < most && idle.offer(netlink);
  }

  /** A socket that is lent. */
  public final class Lent {
    private final Netlink netlink;
    private final boolean own;

    private Lent(Netlink netlink, boolean own) {
      this.netlink = netlink;
      this.own = own;
    }

    /** The socket. */
    public Netlink netlink() {
      return netlink;
    }

    /** Gives it back; whatever was made by it and ends with it must be gone. */
    public void giveBack() {
      if (own && netlink.drain() && keep(netlink)) {
        return;
      }
      try {
        Thread.ofPlatform().daemon().name("faultd-closing").start(netlink::close);
      } catch (OutOfMemoryError noThread) {
        netlink.close();
      }
    }

    /** Closes it at once, and with it all that was made by it. */
    public void close() {
      netlink.close();
    }
  }
}
