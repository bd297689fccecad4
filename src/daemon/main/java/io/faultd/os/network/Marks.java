package io.faultd.os.network;

import io.faultd.linux.nft.Expression;
import io.faultd.linux.nft.Expression.Fact;
import io.faultd.linux.nft.Interval;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Marks of packets that are sent again, by which tables of ours know them, so that each fault hits
 * a packet once, however many there are.
 *
 * <p>A packet that is held in user space is sent again later, marked, and goes through all tables a
 * second time. Tables that lose packets are asked before all that hold them: to them a marked
 * packet had its chance. A table that holds packets lets those pass that carry its own mark; it
 * holds one with another's mark, too, but where it is, so that it is not sent again.
 */
final class Marks {
  /** The upper byte of all. */
  private static final int FIRST = 0xfa000001;

  private static final int LAST = 0xfaffffff;
  private static final AtomicInteger GIVEN = new AtomicInteger();

  private Marks() {}

  /** A mark that no other table has; after 16 million the first comes again. */
  static int next() {
    return FIRST + Integer.remainderUnsigned(GIVEN.getAndIncrement(), LAST - FIRST);
  }

  /** Tests whether a packet carries the mark of a table that holds packets. */
  static List<Expression> held() {
    return loaded(new Expression.Within(new Interval(bytes(FIRST), bytes(LAST))));
  }

  /** Tests whether a packet carries this mark. */
  static List<Expression> held(int mark) {
    return loaded(new Expression.Compare(Expression.Operator.EQUAL, bytes(mark)));
  }

  private static List<Expression> loaded(Expression test) {
    return List.of(new Expression.Load(Fact.MARK), new Expression.BigEndian(), test);
  }

  private static byte[] bytes(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }
}
