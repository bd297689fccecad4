package io.faultd.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * Burns what is missing until processors show a usage, and keeps it there: once a second each
 * burner is told to take what it took plus most of what was missing. Uses java.* alone.
 */
final class CpuLoad implements Runnable {
  private static final int GROUP = 6;
  private static final double GAIN = 0.7;
  private static final double FULL = 99.5;
  private static final long LOOK_NANOS = 2_000_000;
  private static final long STARVED_NANOS = 5_000_000_000L;
  private static final long FIRST_NANOS = 250_000_000;
  private static final long NEXT_NANOS = 1_000_000_000;

  private final boolean total;
  private final Optional<GroupUsage> group;

  /** How many processors' time is all of it, of as many as there are burners. */
  private final double capacity;

  private final double asked;
  private final long climbNanos;
  private final int[] processors;
  private final ParentWatch parent;
  private final List<Burner> burners = new ArrayList<>();
  private final Path stat = Path.of("/proc/stat");

  private CpuLoad(String[] order, int[] processors, ParentWatch parent) {
    this.total = !order[1].equals("each");
    this.asked = Double.parseDouble(order[2]);
    this.climbNanos = Long.parseLong(order[3]) * 1_000_000;
    this.processors = processors;
    this.capacity = order.length > GROUP ? Double.parseDouble(order[5]) : processors.length;
    this.group =
        order.length > GROUP
            ? Optional.of(
                new GroupUsage(
                    Path.of(String.join(" ", Arrays.copyOfRange(order, GROUP, order.length)))))
            : Optional.empty();
    this.parent = parent;
  }

  /**
   * Reads an order: {@code burn total|each PERCENT CLIMB-MILLISECONDS CPU,CPU,...}, or {@code burn
   * group PERCENT CLIMB-MILLISECONDS CPU,CPU,... PROCESSORS FILE}, the percent being that of so
   * many processors' time of the control group whose usage is in that file.
   */
  static CpuLoad of(String[] order, ParentWatch parent) {
    String[] names = order[4].split(",", -1);
    int[] processors = new int[names.length];
    for (int i = 0; i < names.length; i++) {
      processors[i] = Integer.parseInt(names[i]);
    }
    return new CpuLoad(order, processors, parent);
  }

  void start() {
    CountDownLatch started = new CountDownLatch(processors.length);
    for (int processor : processors) {
      Burner burner = new Burner(started);
      burners.add(burner);
      Thread thread = new Thread(burner, "burn-" + processor);
      thread.setDaemon(true);
      thread.start();
    }
    Thread control = new Thread(this, "control");
    control.setDaemon(true);
    try {
      started.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    for (int i = 0; i < processors.length; i++) {
      parent.say("burner " + processors[i] + " " + burners.get(i).thread());
    }
    control.start();
  }

  @Override
  public void run() {
    try {
      control();
    } catch (IOException e) {
      parent.say("failed " + e);
      Runtime.getRuntime().halt(1);
    }
  }

  private void control() throws IOException {
    long begin = System.nanoTime();
    for (Burner burner : burners) {
      burner.take(goal(0) / 100 * scale());
    }
    Usage before = Usage.read(stat, processors);
    long groupBefore = groupNanos();
    long[] ownBefore = own();
    long at = begin;
    parent.say(burns(ownBefore) ? "burning" : "starved");
    for (long pause = FIRST_NANOS; ; pause = NEXT_NANOS) {
      LockSupport.parkNanos(pause);
      long now = System.nanoTime();
      Usage usage = Usage.read(stat, processors);
      long groupNow = groupNanos();
      long[] own = own();
      double goal = goal(now - begin);
      double[] shown = usage.since(before);
      if (group.isPresent()) {
        Arrays.fill(shown, 100.0 * (groupNow - groupBefore) / ((now - at) * capacity));
      }
      correct(goal, shown, percent(own, ownBefore, now - at));
      before = usage;
      groupBefore = groupNow;
      ownBefore = own;
      at = now;
    }
  }

  private long groupNanos() throws IOException {
    return group.isPresent() ? group.get().nanos() : 0;
  }

  /** The share of each burner's processor that is all that there is for it. */
  private double scale() {
    return capacity / processors.length;
  }

  /** Waits until a burner got what it was told to take, unless that is nothing yet. */
  private boolean burns(long[] before) {
    long limit = System.nanoTime() + STARVED_NANOS;
    while (goal(0) > 0 && mean(percent(own(), before, 1)) == 0) {
      if (System.nanoTime() - limit > 0) {
        return false;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return true;
  }

  /** What should be shown at this time after the begin. */
  private double goal(long nanos) {
    return nanos >= climbNanos ? asked : asked * nanos / climbNanos;
  }

  private void correct(double goal, double[] shown, double[] own) {
    double allShown = mean(shown);
    double allOwn = mean(own);
    for (int i = 0; i < burners.size(); i++) {
      double missing = goal - (total ? allShown : shown[i]);
      double wanted = (total ? allOwn : own[i]) + GAIN * missing * scale();
      burners.get(i).take(goal >= FULL ? 1 : Math.clamp(wanted / 100, 0.0, 1.0));
    }
    parent.say(
        String.format(Locale.ROOT, "figure %.2f %.2f %.2f", goal, allShown, allOwn / scale()));
  }

  private long[] own() {
    return burners.stream().mapToLong(Burner::spent).toArray();
  }

  private static double[] percent(long[] now, long[] before, long nanos) {
    double[] percent = new double[now.length];
    for (int i = 0; i < now.length; i++) {
      percent[i] = 100.0 * (now[i] - before[i]) / nanos;
    }
    return percent;
  }

  private static double mean(double[] numbers) {
    double sum = 0;
    for (double each : numbers) {
      sum += each;
    }
    return sum / numbers.length;
  }
}
