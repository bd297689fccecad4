package io.faultd.os.network;

import io.faultd.fault.Effect;
import io.faultd.fault.Effect.State;
import io.faultd.fault.FaultException;
import io.faultd.fault.Hold;
import io.faultd.linux.nfqueue.DelayLine;
import io.faultd.linux.nfqueue.Pace;
import io.faultd.linux.nfqueue.Throttle;
import io.faultd.linux.nft.Expression;
import io.faultd.linux.nft.Expression.Queue;
import io.faultd.linux.nft.Nftables;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Packets held in user space: a table of ours hands them to a queue, a thread of ours lets them go.
 *
 * <p>If the daemon dies the table goes with it, and packets go as they always did.
 */
final class QueueHold implements Hold {
  private static final double MILLION = 1e6;

  private final Asked asked;
  private final TableHold table;
  private final String name;
  private @Nullable DelayLine line;
  private DelayLine.Report last = DelayLine.Report.NOTHING;
  private final Bypass bypass = new Bypass(System.nanoTime());
  private final @Nullable Throughput throughput;
  private @Nullable Double achieved;
  private State state = State.SETTLED;
  private Instant since = Instant.now();

  /**
   * What was asked for.
   *
   * @param pace when packets go
   * @param what in numbers
   * @param patience if packets are later than this on average, it is less than was asked for; in
   *     milliseconds
   * @param besides what else counts packets of the fault
   */
  record Asked(Pace pace, Bands.Asked what, double patience, List<Hold> besides) {
    /** Whether packets may go only so fast; else each is held so long. */
    boolean limits() {
      return pace instanceof Throttle;
    }
  }

  /**
   * Nothing yet.
   *
   * @param name of the table
   */
  QueueHold(String name, Asked asked) {
    this.name = name;
    this.asked = asked;
    this.table = new TableHold(name);
    this.throughput =
        asked.limits() ? new Throughput(asked.what().amount(), System.nanoTime()) : null;
  }

  /**
   * How this kernel hands packets to a queue.
   *
   * @param flag that asks for it
   * @throws FaultException UNSUPPORTED if it does not, or this program may not serve one
   */
  static Queue.Way way(String flag) {
    DelayLine.missing()
        .ifPresent(lack -> {
          throw FaultException.unsupported(flag, lack);
        });
    return Nftables.queueing().orElseThrow();
  }

  /**
   * Begins to hold packets.
   *
   * @param network the nsfs file of the namespace
   * @param way how this kernel queues
   */
  synchronized void open(String network, List<Filter> filters, Queue.Way way) throws IOException {
    boolean bytes =
        asked.limits() || filters.stream().anyMatch(each -> each.direction() == Direction.OUT);
    int mark = Marks.take(network);
    DelayLine opened = opened(network, bytes, mark);
    line = opened;
    opened.start(mark);
    Queue queue = new Queue(opened.queue(), true, way);
    List<String> interfaces = filters.getFirst().interfaces();
    table.open(network, interfaces, FilterTable.of(name, filters, new Held(queue, mark)));
  }

  /** With it a mark is given back: it sends a moment longer than it is held. */
  private DelayLine opened(String network, boolean bytes, int mark) throws IOException {
    int start = ThreadLocalRandom.current().nextInt(1 << 15);
    DelayLine opened = null;
    try {
      opened = DelayLine.open(network, asked.pace(), start, bytes, () -> Marks.give(mark));
      return opened;
    } finally {
      if (opened == null) {
        Marks.give(mark);
      }
    }
  }

  /** Whether packets are held. */
  synchronized boolean works() throws IOException {
    return line != null && line.alive() && !table.counts().isEmpty();
  }

  @Override
  public synchronized Effect effect() {
    DelayLine serving = line;
    // before what has been handed over by then
    DelayLine.Report now = serving == null ? last : serving.report();
    Effect counted = table.effect();
    if (counted.state() == State.GONE || serving == null || !serving.alive()) {
      String why = counted.state() == State.GONE ? counted.detail() : "the packet loop ended";
      return told(State.GONE, null, counted, Instant.now(), why);
    }
    if (counted.state() == State.DEGRADED) {
      return told(State.DEGRADED, achieved, counted, counted.since(), counted.detail());
    }
    String detail = judged(now, counted.hits() == null ? 0 : counted.hits());
    last = now;
    return told(state, achieved, counted, since, detail);
  }

  /** What there is to say of what came since the last look, and of what was lost or not held. */
  private @Nullable String judged(DelayLine.Report now, long hits) {
    long packets = now.packets() - last.packets();
    boolean less = now.failed() > last.failed() || bypass.grown(now, hits, System.nanoTime());
    List<String> details = new ArrayList<>();
    if (packets > 0) {
      double late = (now.late() - last.late()) / MILLION / packets;
      achieved = asked.limits() ? achieved : Double.valueOf(asked.what().amount() + late);
      if (late > asked.patience()) {
        details.add("the node is busy: packets are %.1f ms late".formatted(late));
        less = true;
      }
    }
    if (throughput != null) {
      long bytes = now.bytes() + now.packets() * Throttle.LINK;
      achieved = throughput.look(bytes, System.nanoTime());
    }
    if (now.failed() > 0) {
      details.add(
          "%d packets were lost, for they could not be sent again (%s)"
              .formatted(now.failed(), now.error()));
    }
    if (bypass.packets() > 0) {
      details.add("%d packets went by at once, for too many are held".formatted(bypass.packets()));
    }
    if (packets > 0 || less) {
      enter(less ? State.DEGRADED : State.SETTLED);
    }
    return details.isEmpty() ? null : String.join("; ", details);
  }

  private Effect told(
      State now, @Nullable Double seen, Effect counted, Instant from, @Nullable String detail) {
    Long hits = counted.hits();
    Long bytes = counted.bytes();
    Double most = seen;
    for (Hold each : asked.besides()) {
      Effect other = each.effect();
      hits = sum(hits, other.hits());
      bytes = sum(bytes, other.bytes());
      most = Throughput.faster(most, other.achieved());
    }
    Bands.Asked what = asked.what();
    return new Effect(now, what.amount(), most, what.unit(), hits, bytes, from, detail);
  }

  private static @Nullable Long sum(@Nullable Long one, @Nullable Long other) {
    return one == null || other == null ? one : Long.valueOf(one + other);
  }

  /** Packets go to a queue, but those that come from it. */
  private record Held(Queue queue, int mark) implements FilterTable.Hit {
    @Override
    public boolean holds() {
      return true;
    }

    @Override
    public List<Expression> passed() {
      return Marks.held(mark);
    }

    @Override
    public Expression fate(Direction direction) {
      return queue;
    }
  }

  private void enter(State next) {
    if (state != next) {
      state = next;
      since = Instant.now();
    }
  }

  @Override
  public synchronized void close() {
    // first no rule fills the queue, then what is in it is let go
    table.close();
    if (line != null) {
      line.close();
      line = null;
    }
  }
}
