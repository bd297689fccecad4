package io.faultd.linux.netlink;

/** Whom in the kernel a netlink socket speaks to (linux/netlink.h). */
public enum Protocol {
  /** Links, addresses, routes, traffic control: rtnetlink(7). */
  ROUTE(0),
  /** Sockets: sock_diag(7). */
  SOCK_DIAG(4),
  /** Netfilter: nftables, conntrack, queues. */
  NETFILTER(12);

  private final int number;

  Protocol(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
