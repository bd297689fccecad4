package io.faultd.linux.netlink;

import java.util.ArrayList;
import java.util.List;

/**
 * Messages that are sent with one call, in order.
 *
 * <p>The kernel takes each by itself (a failure does not stop the next), but for those between
 * nfnetlink's begin and end, which are one transaction.
 */
public final class Batch {
  /** A request, as all that we send are (linux/netlink.h). */
  private static final int REQUEST = 1;

  /** The kernel says when it is done. */
  private static final int ACKNOWLEDGE = 4;

  /** The thing must not be there yet. */
  public static final int EXCLUSIVE = 0x200;

  /** Takes the place of what is there. */
  public static final int REPLACE = 0x100;

  /** Makes it if it is not there. */
  public static final int CREATE = 0x400;

  /** Behind those that are there. */
  public static final int APPEND = 0x800;

  /** The kernel tells what it made; it is among the answers. */
  public static final int ECHO = 8;

  private static final int CAPACITY = 1024;

  /** Of nlmsg_flags in a header. */
  private static final int FLAGS = 6;

  private final Message buffer = new Message(CAPACITY);
  private final List<Part> parts = new ArrayList<>();

  /** A message of the batch: where it begins, what it does, whether it is acknowledged. */
  record Part(int start, String what, boolean acknowledged) {}

  /**
   * Begins a message, which is acknowledged.
   *
   * @param what it does, for errors: {@code add qdisc htb to eth0}
   * @param type nlmsg_type
   * @param flags of this class
   */
  public Message message(String what, int type, int flags) {
    return begin(what, type, flags, true);
  }

  /** The same, for messages that the kernel acknowledges with the whole transaction. */
  public Message silent(String what, int type, int flags) {
    return begin(what, type, flags, false);
  }

  private Message begin(String what, int type, int flags, boolean acknowledged) {
    finish();
    parts.add(new Part(buffer.size(), what, acknowledged));
    return buffer
        .put32(0)
        .put16(type)
        .put16(flags | REQUEST | (acknowledged ? ACKNOWLEDGE : 0))
        .put32(0)
        .put32(0);
  }

  /** Has the kernel acknowledge the last message, whatever it was begun as. */
  public void acknowledgeLast() {
    Part last = parts.removeLast();
    parts.add(new Part(last.start(), last.what(), true));
    buffer.set16(last.start() + FLAGS, ACKNOWLEDGE);
  }

  private void finish() {
    buffer.pad();
    if (!parts.isEmpty()) {
      int start = parts.getLast().start();
      buffer.patch32(start, buffer.size() - start);
    }
  }

  List<Part> parts() {
    return parts;
  }

  /** Index of the last message that is acknowledged; -1 if none is. */
  int lastAcknowledged() {
    int last = parts.size() - 1;
    while (last >= 0 && !parts.get(last).acknowledged()) {
      last--;
    }
    return last;
  }

  /** The whole, its messages numbered from {@code sequence} on. */
  Message sealed(int sequence) {
    finish();
    for (int i = 0; i < parts.size(); i++) {
      buffer.patch32(parts.get(i).start() + 8, sequence + i);
    }
    return buffer;
  }
}
