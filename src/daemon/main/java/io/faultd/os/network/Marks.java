package io.faultd.os.network;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.net.MarkRule;
import io.faultd.linux.nft.Expression;
import io.faultd.linux.nft.Expression.Fact;
import io.faultd.linux.nft.Interval;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;

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

  /** More than tables can be held at once. */
  private static final int MOST = 4096;

  private static final BitSet TAKEN = new BitSet();

  private Marks() {}

  /**
   * A mark that no other table has and that no routing rule of a network asks for. The lowest, for
   * others use bits of marks, too: the fewer of ours are set, the better.
   *
   * @param network its nsfs file
   * @throws FaultException UNSUPPORTED if routing rules ask for all of them
   */
  static int take(String network) throws IOException {
    List<MarkRule> rules = MarkRule.all(network);
    synchronized (TAKEN) {
      for (int number = 0; number < MOST; number++) {
        int mark = FIRST + number;
        if (!TAKEN.get(number) && rules.stream().noneMatch(rule -> rule.tells(mark))) {
          TAKEN.set(number);
          return mark;
        }
      }
    }
    throw new FaultException(
        Reason.UNSUPPORTED,
        "packets that are held are sent again with a mark (0xfa000001 and on), and routing rules"
            + " send packets with such marks elsewhere: "
            + rules);
  }

  /** Gives one back. */
  static void give(int mark) {
    synchronized (TAKEN) {
      TAKEN.clear(mark - FIRST);
    }
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
