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
 * burner is told to take what it took plus most of what was missing; the burner of a processor that
 * is away, nothing. Uses java.* alone.
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
  private final Reach[] reaches;

  /** How many processors' time is all of it at most. */
  private volatile double limit;

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
    this.reaches = Reach.of(processors, total);
    this.limit = order.length > GROUP ? Double.parseDouble(order[5]) : processors.length;
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
      tell(i);
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

  /** Takes the percent of so many processors' time from now on. */
  void limit(double newLimit) {
    limit = newLimit;
  }

  private void control() throws IOException {
    boolean[] present = placed();
    long begin = System.nanoTime();
    double first = goal(0) / 100 * scale(count(present));
    for (int i = 0; i < present.length; i++) {
      burners.get(i).take(present[i] ? first : 0);
    }
    Moment before = moment();
    parent.say(burns(before.own()) ? "burning" : "starved");
    for (long pause = FIRST_NANOS; ; pause = NEXT_NANOS) {
      LockSupport.parkNanos(pause);
      Moment now = moment();
      correct(goal(now.nanos() - begin), before, now, present(before.usage(), now.usage()));
      before = now;
    }
  }

  /** Waits until each burner is where it belongs, so that nothing burns where nobody wants it. */
  private boolean[] placed() throws IOException {
    long last = System.nanoTime() + STARVED_NANOS;
    while (true) {
      Usage usage = Usage.read(stat, processors);
      boolean[] held = new boolean[processors.length];
      for (int i = 0; i < held.length; i++) {
        held[i] = usage.has(i) && reaches[i].holds(burners.get(i).thread());
      }
      if (count(held) == held.length || System.nanoTime() - last > 0) {
        return held;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /**
   * Which processors are there, with their burners. One that was away is seen to be back when it
   * was there for a while; its burner went elsewhere, and whoever is told brings it back.
   */
  private boolean[] present(Usage before, Usage now) throws IOException {
    boolean[] present = new boolean[processors.length];
    for (int i = 0; i < present.length; i++) {
      boolean held = reaches[i].holds(burners.get(i).thread());
      present[i] = held && before.has(i) && now.has(i);
      if (!held && now.has(i)) {
        tell(i);
      }
    }
    return present;
  }

  private void tell(int index) {
    parent.say("burner " + processors[index] + " " + burners.get(index).thread());
  }

  private Moment moment() throws IOException {
    return new Moment(
        System.nanoTime(),
        Usage.read(stat, processors),
        group.isPresent() ? group.get().nanos() : 0,
        burners.stream().mapToLong(Burner::spent).toArray());
  }

  /**
   * What was counted until an instant.
   *
   * @param nanos when
   * @param usage of the processors
   * @param group nanoseconds of the control group
   * @param own nanoseconds of each burner
   */
  private record Moment(long nanos, Usage usage, long group, long[] own) {
    /** What each burner took since then, in percent of a processor. */
    double[] ownSince(Moment before) {
      double[] percent = new double[own.length];
      for (int i = 0; i < own.length; i++) {
        percent[i] = 100.0 * (own[i] - before.own[i]) / (nanos - before.nanos);
      }
      return percent;
    }
  }

  /** How many processors' time is all of it. */
  private double capacity(int present) {
    return Math.min(limit, present);
  }

  /** The share of each burner's processor that is all that there is for it. */
  private double scale(int present) {
    return present == 0 ? 1 : capacity(present) / present;
  }

  /** Waits until a burner got what it was told to take, unless that is nothing yet. */
  private boolean burns(long[] before) {
    long limit = System.nanoTime() + STARVED_NANOS;
    while (goal(0) > 0 && spent(before) == 0) {
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

  private long spent(long[] before) {
    long sum = 0;
    for (int i = 0; i < before.length; i++) {
      sum += burners.get(i).spent() - before[i];
    }
    return sum;
  }

  private void correct(double goal, Moment before, Moment now, boolean[] present) {
    int count = count(present);
    double scale = scale(count);
    double[] shown = now.usage().since(before.usage());
    double[] own = now.ownSince(before);
    if (group.isPresent()) {
      double all = (now.nanos() - before.nanos()) * capacity(Math.max(count, 1));
      Arrays.fill(shown, 100.0 * (now.group() - before.group()) / all);
    }
    double allShown = mean(shown, present);
    double allOwn = mean(own, present);
    for (int i = 0; i < burners.size(); i++) {
      double missing = goal - (total ? allShown : shown[i]);
      double wanted = (total ? allOwn : own[i]) + GAIN * missing * scale;
      double share = goal >= FULL ? 1 : Math.clamp(wanted / 100, 0.0, 1.0);
      burners.get(i).take(present[i] ? share : 0);
    }
    parent.say(
        String.format(Locale.ROOT, "figure %.2f %.2f %.2f", goal, allShown, allOwn / scale)
            + absent(present));
  }

  /** Those that are away: nothing, or a blank and their numbers. */
  private String absent(boolean[] present) {
    StringBuilder numbers = new StringBuilder();
    for (int i = 0; i < present.length; i++) {
      if (!present[i]) {
        numbers.append(numbers.isEmpty() ? " " : ",").append(processors[i]);
      }
    }
    return numbers.toString();
  }

  private static int count(boolean[] present) {
    int count = 0;
    for (boolean each : present) {
      count += each ? 1 : 0;
    }
    return count;
  }

  /** Of those that are there. */
  private static double mean(double[] numbers, boolean[] present) {
    double sum = 0;
    for (int i = 0; i < numbers.length; i++) {
      sum += present[i] ? numbers[i] : 0;
    }
    return sum / Math.max(count(present), 1);
  }
}
