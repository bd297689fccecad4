package io.faultd.access;

import java.net.SocketAddress;

/**
 * Who is at the other end of a Unix socket, as the kernel knew it when it connected (SO_PEERCRED,
 * unix(7)). It stands for the address that such a client has none of: each connection has its own,
 * and none equals another.
 */
public final class LocalPeer extends SocketAddress {
  private static final long serialVersionUID = 1;

  private final int pid;
  private final long uid;

  /**
   * That of one connection.
   *
   * @param pid of the process, in our pid namespace; 0: it is not in it
   * @param uid of its user, in our user namespace
   */
  public LocalPeer(int pid, long uid) {
    this.pid = pid;
    this.uid = uid;
  }

  long uid() {
    return uid;
  }

  boolean root() {
    return uid == 0;
  }

  /** For records of who did what. */
  @Override
  public String toString() {
    return "pid " + pid + ", uid " + uid;
  }
}
