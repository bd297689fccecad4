package io.faultd.os.network;

import io.faultd.fault.Injection;
import io.faultd.linux.nft.Expression;
import io.faultd.linux.nft.Expression.Queue;
import io.faultd.linux.nft.Expression.Verdict;
import io.faultd.linux.nft.Expression.Verdict.Fate;
import io.faultd.linux.nft.Nftables;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Loses packets that match.
 *
 * <p>Who sends over UDP is told of a packet that is dropped on its way out (EPERM), and of none
 * that is lost on a wire. So packets that go out are handed to a queue that nobody serves, which
 * the kernel frees without a word.
 *
 * @param tests what is asked of them besides
 * @param chance what decides by chance; empty: all are lost
 * @param way how this kernel queues; empty: it does not
 */
record Loss(List<Expression> tests, List<Expression> chance, Optional<Queue.Way> way)
    implements FilterTable.Hit {
  /** A queue that nobody serves. */
  private static final int NOBODY = 64_222;

  private static final int MILLION = 1_000_000;
  private static final Verdict DROP = new Verdict(Fate.DROP);

  /**
   * Of packets that pass these tests; warns where a loss can be told from that on a wire.
   *
   * @param percent how many of them
   */
  static Loss of(List<Expression> tests, double percent, Injection on) {
    Optional<Queue.Way> way = Nftables.queueing();
    if (way.isEmpty()) {
      on.warn(
          "the kernel has neither nft_queue nor xt_NFQUEUE: programs that send over UDP are told"
              + " of each packet that is lost (EPERM)");
    }
    return new Loss(tests, chance(percent), way);
  }

  private static List<Expression> chance(double percent) {
    int below = threshold(percent);
    return certain(percent)
        ? List.of()
        : List.of(
            new Expression.Random(MILLION),
            new Expression.BigEndian(),
            new Expression.Compare(
                Expression.Operator.LESS, ByteBuffer.allocate(4).putInt(below).array()));
  }

  /** Whether all are lost: so many that nothing is left to chance. */
  static boolean certain(double percent) {
    return threshold(percent) == MILLION;
  }

  /** How many of a million are lost. */
  static int threshold(double percent) {
    return (int) Math.round(percent * MILLION / 100);
  }

  @Override
  public boolean holds() {
    return false;
  }

  @Override
  public List<Expression> passed() {
    return Marks.held();
  }

  @Override
  public Expression fate(Direction direction) {
    return direction == Direction.OUT && way.isPresent()
        ? new Queue(NOBODY, false, way.get())
        : DROP;
  }
}
