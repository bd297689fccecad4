package io.faultd.linux.nft;

/**
 * A table that is there.
 *
 * @param family of linux/netfilter.h: 1 inet, 2 ip, 5 netdev, ...
 * @param name of the table
 * @param owned whether it ends with somebody's socket, who alone may change it
 */
public record Table(int family, String name, boolean owned) {
  /** IPv4 and IPv6 together. */
  public static final int INET = 1;
}
