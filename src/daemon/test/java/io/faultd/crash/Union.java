package io.faultd.crash;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * Whether what becomes of packets is what all faults together do to them, found out by sending
 * some.
 *
 * @param flows what is sent
 */
record Union(Flows flows) {
  private static final int PACKETS = 40;
  private static final int SMALL = 24;
  private static final int LARGE = 1_200;
  private static final int TRIES = 6;

  /** Nothing passes quicker; but the clock is read a moment after a packet was let go. */
  private static final double EARLY_MILLIS = 0.2;

  /** So late is nobody's doing but a busy machine's, and at another time not so late. */
  private static final double LATE_MILLIS = 9;

  /** How seldom chance alone deceives. */
  private static final double SELDOM = 1e-10;

  /** What a wrong effect could not be taken for something else by. */
  private static final class Late extends Exception {
    private static final long serialVersionUID = 1;

    Late(String what) {
      super(what);
    }
  }

  /**
   * Measures.
   *
   * @return how often it had to be repeated, since the machine was busy
   * @throws AssertionError if the effect is another one
   */
  int check(List<NetworkFault> faults, Random random) throws IOException {
    Late last = new Late("not tried");
    for (int tries = 0; tries < TRIES; tries++) {
      try {
        delayAndLoss(faults);
        Optional<Flow> some = flowing(faults, random);
        if (some.isPresent()) {
          rate(some.get(), faults);
        }
        return tries;
      } catch (Late e) {
        last = e;
      }
    }
    throw new AssertionError(last.getMessage(), last);
  }

  private void delayAndLoss(List<NetworkFault> faults) throws IOException, Late {
    Flows.Round round = flows.send(Flow.ALL, PACKETS, SMALL, faults);
    Map<Double, int[]> sums = new TreeMap<>();
    int bytes = Flow.ALL.stream().mapToInt(round::bytes).sum();
    for (Flow flow : Flow.ALL) {
      Wanted wanted = Wanted.of(flow, faults);
      int count = round.count(flow);
      chance(flow + " " + wanted, count, PACKETS, wanted.passing());
      int[] sum = sums.computeIfAbsent(wanted.passing(), passing -> new int[2]);
      sum[0] += count;
      sum[1] += PACKETS;
      if (count > 0) {
        double quickest = round.quickest(flow);
        if (quickest < wanted.delay() - EARLY_MILLIS) {
          throw new AssertionError(flow + " took " + quickest + " ms, and not " + wanted);
        }
        if (quickest > wanted.delay() + wanted.through(bytes) + LATE_MILLIS) {
          throw new Late(flow + " took " + quickest + " ms, and not " + wanted);
        }
      }
    }
    for (Map.Entry<Double, int[]> each : sums.entrySet()) {
      chance("all of them", each.getValue()[0], each.getValue()[1], each.getKey());
    }
  }

  /**
   * Some flow of which enough passes to see how fast. Of what comes in, packets may be lost behind
   * a limit that they have taken the time of.
   */
  private static Optional<Flow> flowing(List<NetworkFault> faults, Random random) {
    List<Flow> some =
        Flow.ALL.stream()
            .filter(flow -> Wanted.of(flow, faults).passing() >= (flow.out() ? 0.5 : 1))
            .toList();
    List<Flow> limited = some.stream().filter(flow -> Wanted.of(flow, faults).rate() > 0).toList();
    List<Flow> chosen = limited.isEmpty() || random.nextInt(4) == 0 ? some : limited;
    return chosen.isEmpty()
        ? Optional.empty()
        : Optional.of(chosen.get(random.nextInt(chosen.size())));
  }

  private void rate(Flow flow, List<NetworkFault> faults) throws IOException, Late {
    Flows.Round round = flows.send(List.of(flow), PACKETS, LARGE, faults);
    Wanted wanted = Wanted.of(flow, faults);
    int count = round.count(flow);
    chance(flow + " " + wanted, count, PACKETS, wanted.passing());
    double one = LARGE + flow.headers();
    // tokens of the class and of its parent, and a packet on the way in each
    double least =
        wanted.delay() + wanted.through(count * one - 2.0 * NetworkFault.BURST - 2 * one);
    double most = wanted.delay() + wanted.through(count * one * 1.1) + LATE_MILLIS;
    double took = round.last(flow);
    String told =
        "%d of %s took %.1f ms, and not %.1f to %.1f: %s"
            .formatted(count, flow, took, least, most, wanted);
    if (took < least) {
      throw new AssertionError(told);
    }
    if (took > most) {
      throw new Late(told);
    }
  }

  /** Too few may be a busy machine's doing; too many never are. */
  private static void chance(String what, int count, int packets, double passing) throws Late {
    String told = "%d of %d came: %s".formatted(count, packets, what);
    if (count > packets * passing && tail(packets - count, packets, 1 - passing) < SELDOM) {
      throw new AssertionError(told);
    }
    if (count < packets * passing && tail(count, packets, passing) < SELDOM) {
      throw new Late(told);
    }
  }

  /** How probable it is that of so many at most so few come, each with a probability. */
  static double tail(int most, int packets, double each) {
    if (each <= 0 || each >= 1) {
      return each <= 0 || most >= packets ? 1 : 0;
    }
    double sum = 0;
    double log = packets * Math.log(1 - each);
    for (int i = 0; i <= most; i++) {
      sum += Math.exp(log);
      log += Math.log(each) - Math.log(1 - each) + Math.log((double) (packets - i) / (i + 1));
    }
    return sum;
  }
}
