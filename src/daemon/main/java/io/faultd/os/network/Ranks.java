package io.faultd.os.network;

import io.faultd.linux.nft.Expression;
import io.faultd.linux.nft.Interval;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The order in which our tables are asked, so that faults on the same packets add up.
 *
 * <p>A packet that is held in user space is sent again later, and goes through all tables a second
 * time. It carries the rank of the table that held it as a mark, and that table and all before it
 * let it pass. The kernel asks chains of one priority in the order in which they were made, so
 * ranks only grow, and a table is made before the next rank is given.
 */
final class Ranks {
  /** The upper byte of the marks of packets that are sent again. */
  private static final int MARK = 0xfa000000;

  private static final int MOST = 0xffffff;
  private static int last;

  private Ranks() {}

  /** Makes a table that has the next rank. */
  static synchronized void next(Making making) throws IOException {
    last = last % MOST + 1;
    making.make(last);
  }

  /** The mark of packets that the table of a rank has held. */
  static int mark(int rank) {
    return MARK | rank;
  }

  /** Tests whether a packet has passed the table of a rank already. */
  static List<Expression> passed(int rank) {
    return List.of(
        new Expression.Load(Expression.Fact.MARK),
        new Expression.BigEndian(),
        new Expression.Within(new Interval(bytes(mark(rank)), bytes(MARK | MOST))));
  }

  private static byte[] bytes(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  /** Makes a table. */
  @FunctionalInterface
  interface Making {
    /** Makes it. */
    void make(int rank) throws IOException;
  }
}
