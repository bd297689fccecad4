package io.faultd.os.network;

import io.faultd.fault.Effect;
import io.faultd.fault.Effect.State;
import io.faultd.fault.Hold;
import io.faultd.linux.nfqueue.DelayLine;
import io.faultd.linux.nft.Expression;
import io.faultd.linux.nft.Expression.Queue;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Packets held in user space: a table of ours hands them to a queue, a thread of ours lets them go.
 *
 * <p>If the daemon dies the table goes with it, and packets go as they always did.
 */
final class DelayHold implements Hold {
  private static final double MILLION = 1e6;

  /** Later than this on average, and than a part of the delay, is less than was asked for. */
  private static final double LATE_MILLIS = 1;

  private static final double LATE_PART = 0.05;

  private final DelayLine.Time time;
  private final TableHold table;
  private final String name;
  private @Nullable DelayLine line;
  private DelayLine.Report last = new DelayLine.Report(0, 0, 0);
  private @Nullable Double achieved;
  private State state = State.SETTLED;
  private Instant since = Instant.now();

  /**
   * Nothing yet.
   *
   * @param name of the table
   */
  DelayHold(String name, DelayLine.Time time) {
    this.name = name;
    this.time = time;
    this.table = new TableHold(name);
  }

  /**
   * Begins to hold packets.
   *
   * @param network the nsfs file of the namespace
   * @param way how this kernel queues
   */
  synchronized void open(String network, List<Filter> filters, Queue.Way way) throws IOException {
    boolean out = filters.stream().anyMatch(each -> each.direction() == Direction.OUT);
    int start = ThreadLocalRandom.current().nextInt(1 << 15);
    DelayLine opened = DelayLine.open(network, time, start, out);
    line = opened;
    int mark = Marks.next();
    opened.start(mark);
    Queue queue = new Queue(opened.queue(), true, way);
    table.open(network, FilterTable.of(name, filters, new Held(queue, mark)));
  }

  /** Whether packets are held. */
  synchronized boolean works() throws IOException {
    return line != null && line.alive() && !table.counts().isEmpty();
  }

  @Override
  public synchronized Effect effect() {
    Effect counted = table.effect();
    DelayLine serving = line;
    if (counted.state() == State.GONE || serving == null || !serving.alive()) {
      String why = counted.state() == State.GONE ? counted.detail() : "the packet loop ended";
      return new Effect(State.GONE, millis(), 0.0, "ms", counted.hits(), Instant.now(), why);
    }
    DelayLine.Report now = serving.report();
    long packets = now.packets() - last.packets();
    String detail = null;
    if (packets > 0) {
      double late = (now.late() - last.late()) / MILLION / packets;
      achieved = millis() + late;
      boolean slow = late > LATE_MILLIS && late > millis() * LATE_PART;
      detail = slow ? "the node is busy: packets are %.1f ms late".formatted(late) : null;
      enter(slow ? State.DEGRADED : State.SETTLED);
    }
    last = now;
    return new Effect(state, millis(), achieved, "ms", counted.hits(), since, detail);
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

  private double millis() {
    return time.delay().toNanos() / MILLION;
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
