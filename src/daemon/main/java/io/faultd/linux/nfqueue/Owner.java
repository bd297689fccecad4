package io.faultd.linux.nfqueue;

import io.faultd.linux.Fd;
import io.faultd.linux.ns.Inside;
import java.io.IOException;

/** A user and a group, as one number. */
final class Owner {
  /** root, and its group. */
  static final long ROOT = 0;

  private Owner() {}

  static long of(int uid, int gid) {
    return (long) uid << 32 | Integer.toUnsignedLong(gid);
  }

  /** Opens a socket that belongs to an owner, as rules ask for it. */
  static Fd opened(long owner, Inside.Work<Fd> opening) throws IOException {
    if (owner == ROOT) {
      return opening.run();
    }
    int gid = Calls.C.setfsgid((int) owner);
    int uid = Calls.C.setfsuid((int) (owner >> 32));
    try {
      return opening.run();
    } finally {
      Calls.C.setfsuid(uid);
      Calls.C.setfsgid(gid);
    }
  }
}
