package io.faultd.linux.nfqueue;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import io.faultd.linux.netlink.Batch;
import io.faultd.linux.netlink.Message;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.netlink.NetlinkException;
import io.faultd.linux.netlink.Reserve;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * A queue of netfilter that this program serves; packets in it when it is closed are lost.
 *
 * <p>See linux/netfilter/nfnetlink_queue.h. When it is full packets pass by it (FAIL_OPEN).
 */
final class Queue implements AutoCloseable {
  private static final int SUBSYSTEM = 3;
  private static final int CONFIG = 2;
  private static final int BIND = 1;
  private static final int UNBIND = 2;
  private static final int COPY_META = 1;
  private static final int COPY_PACKET = 2;
  private static final int FAIL_OPEN = 1;

  /** Packets come with their owner. */
  private static final int UID_GID = 8;

  private static final int WHOLE = 0xffff;
  private static final int LONGEST = 100_000;
  private static final int TRIES = 200;
  private static final int HIGHEST = 64_000;
  private static final int LOWEST = 32_768;

  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_NO_ENOBUFS = 5;
  private static final int SEND = 4 << 20;
  private static final int RECEIVE = 64 << 20;

  private static final Reserve RESERVE = new Reserve(SEND, RECEIVE, 2);

  private final Reserve.Lent lent;
  private final Netlink netlink;
  private final int number;

  private Queue(Reserve.Lent lent, int number) {
    this.lent = lent;
    this.netlink = lent.netlink();
    this.number = number;
  }

  /**
   * Takes a queue that nobody serves.
   *
   * @param start where to begin to look for its number
   * @param payload whether packets come with their bytes
   */
  static Queue open(Network network, int start, boolean payload) throws IOException {
    Reserve.Lent lent = RESERVE.take(network);
    Netlink netlink = lent.netlink();
    boolean ready = false;
    try {
      int set =
          Calls.C.setsockopt(
              netlink.fd().number(),
              SOL_NETLINK,
              NETLINK_NO_ENOBUFS,
              Native.at(Native.buffer(4).putInt(0, 1)),
              4);
      Native.check("setsockopt", set, "NETLINK_NO_ENOBUFS");
      Queue queue = new Queue(lent, bind(netlink, start));
      queue.configure(payload);
      ready = true;
      return queue;
    } finally {
      if (!ready) {
        netlink.close();
      }
    }
  }

  private static int bind(Netlink netlink, int start) throws IOException {
    for (int tries = 0; tries < TRIES; tries++) {
      int number = LOWEST + (start + tries) % (HIGHEST - LOWEST);
      try {
        send(netlink, "bind queue " + number, number, m -> m.bytes(1, new byte[] {BIND, 0, 0, 0}));
        return number;
      } catch (NetlinkException taken) {
        if (!taken.is(Errno.EBUSY, Errno.EPERM)) {
          throw taken;
        }
      }
    }
    throw new LinuxException("bind queue", Errno.EBUSY.number(), TRIES + " numbers are taken");
  }

  private void configure(boolean payload) throws IOException {
    send(
        netlink,
        "set up queue " + number,
        number,
        message ->
            message
                .bytes(
                    2,
                    new byte[] {
                      0,
                      0,
                      (byte) (WHOLE >> 8),
                      (byte) WHOLE,
                      (byte) (payload ? COPY_PACKET : COPY_META)
                    })
                .be32(3, LONGEST)
                .be32(5, FAIL_OPEN | UID_GID)
                .be32(4, FAIL_OPEN | UID_GID));
  }

  private static void send(Netlink netlink, String what, int number, Consumer<Message> attributes)
      throws IOException {
    Batch batch = new Batch();
    attributes.accept(
        batch.message(what, SUBSYSTEM << 8 | CONFIG, 0).put8(0).put8(0).putBe16(number));
    netlink.send(batch);
  }

  /** Its number, as rules name it. */
  int number() {
    return number;
  }

  /** The socket that packets come by. */
  Fd fd() {
    return netlink.fd();
  }

  @Override
  public void close() {
    try {
      send(netlink, "give queue " + number + " back", number, Queue::unbind);
    } catch (IOException e) {
      lent.close(); // the queue goes with it
      return;
    }
    lent.giveBack();
  }

  private static void unbind(Message message) {
    message.bytes(1, new byte[] {UNBIND, 0, 0, 0});
  }
}
