package io.faultd.os.network;

import io.faultd.fault.Hold;
import io.faultd.linux.nft.Nftables;
import io.faultd.linux.tc.Lacks;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Cable;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Traffic;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures delay and loss by netem where the kernel has it: run by {@code src/e2e/vm/netem} in a
 * virtual machine. Beside each figure is what {@code tc} makes of the same order, in rounds that
 * take turns. Prints a table; ends with 1 if anything is out of bounds.
 */
public final class NetemLane {
  private static final int QUESTIONS = 200;
  private static final long APART_NANOS = 4_000_000;
  private static final int TRIES = 5;
  private static final int ROUNDS = 5;
  private static final int BULK = 64 << 20;
  private static final int DELAYED = 64 << 20;
  private static final int DELAYED_TRIES = 9;
  private static final double PART_OF_TC = 0.9;
  private static final int LOST_OF = 10_000;
  private static final int PORT = 7001;
  private static final int OTHER_PORT = 7002;

  private final Cable cable;
  private final FileTrial.Journal journal;
  private int bad;

  private NetemLane(Cable cable, FileTrial.Journal journal) {
    this.cable = cable;
    this.journal = journal;
  }

  /** Measures all; with an argument, only how earlier queues come back. */
  public static void main(String[] arguments) throws Exception {
    if (Lacks.impairing().isPresent()) {
      throw new IllegalStateException(Lacks.impairing().get());
    }
    Path scratch = Files.createTempDirectory("netem");
    try (Cable cable = Cable.open().echo(PORT).echo(OTHER_PORT)) {
      Rollback rollback = new Rollback(scratch);
      NetemLane lane = new NetemLane(cable, new FileTrial.Journal(rollback));
      if (arguments.length == 0) {
        lane.measure();
        for (String wrong : new OthersBesideNetem(rollback).tried()) {
          lane.check(false, "%s", wrong);
        }
      }
      for (String wrong : new TamperedNetem(cable, rollback, lane.journal).tried()) {
        lane.check(false, "%s", wrong);
      }
      for (String wrong : new ToldNetem(cable, lane.journal).tried()) {
        lane.check(false, "%s", wrong);
      }
      lane.earlier();
      System.out.println(lane.bad == 0 ? "all within bounds" : lane.bad + " out of bounds");
      System.exit(lane.bad == 0 ? 0 : 1);
    }
  }

  private void measure() throws Exception {
    String before = Traffic.listing(Cable.NEAR_INTERFACE);
    for (int i = 0; i < ROUNDS; i++) {
      trips(i % 2 == 0 ? Cable.FAR : Cable.FAR_6, PORT); // until all is compiled
    }
    for (int delay : new int[] {10, 100, 500}) {
      for (String address : new String[] {Cable.FAR, Cable.FAR_6}) {
        delay(delay, address);
      }
    }
    for (int percent : new int[] {1, 10, 30}) {
      for (String address : new String[] {Cable.FAR, Cable.FAR_6}) {
        lose(percent, address);
      }
    }
    throughput();
    delayedThroughput();
    union();
    check(before.equals(Traffic.listing(Cable.NEAR_INTERFACE)), "the queue came back as it was");
  }

  private void earlier() throws Exception {
    for (String wrong : new EarlierQueues(this::comeAndGo).tried()) {
      check(false, "%s", wrong);
    }
  }

  /** A busy machine makes packets late, those of tc as well: of some tries one must be as asked. */
  private void delay(int delay, String address) throws Exception {
    Delayed seen = delayed(delay, address);
    for (int tries = 1; tries < TRIES && !seen.within(delay); tries++) {
      say("     once more: p50 %.2f, p99 %.2f, others %+.3f ms", seen.p50, seen.p99, seen.others);
      seen = delayed(delay, address);
    }
    check(
        seen.asAsked(delay),
        "delay %d ms to %s: p50 %.2f, p99 %.2f ms",
        delay,
        address,
        seen.p50,
        seen.p99);
    check(seen.othersOn(delay), "others beside it: p50 %+.3f ms", seen.others);
  }

  /** By how much packets are later than without a fault, in milliseconds. */
  private record Delayed(double p50, double p99, double others) {
    boolean asAsked(int delay) {
      return Math.abs(p50 - delay) <= Math.max(0.5, delay * 0.02)
          && p99 - delay <= Math.max(3, delay * 0.05);
    }

    boolean othersOn(int delay) {
      return Math.abs(others) < delay * 0.01;
    }

    boolean within(int delay) {
      return asAsked(delay) && othersOn(delay);
    }
  }

  private Delayed delayed(int delay, String address) throws Exception {
    double[][] bare = new double[ROUNDS][];
    double[][] plain = new double[ROUNDS][];
    double[][] held = new double[ROUNDS][];
    double[][] others = new double[ROUNDS][];
    for (int round = 0; round < ROUNDS; round++) {
      bare[round] = trips(address, PORT);
      Cable.run("tc qdisc add dev fa root netem delay %dms".formatted(delay));
      plain[round] = trips(address, PORT);
      Cable.run("tc qdisc del dev fa root");
      FileTrial on = hold("time=" + delay, "remote-port=" + PORT);
      held[round] = trips(address, PORT);
      others[round] = trips(address, OTHER_PORT);
      undo(on);
    }
    double base = at(bare, 50);
    say(
        "     tc: delay %d ms to %s: p50 %.2f, p99 %.2f ms; without: p50 %.2f, p99 %.2f ms",
        delay, address, at(plain, 50) - base, at(plain, 99) - base, base, at(bare, 99));
    return new Delayed(at(held, 50) - base, at(held, 99) - base, at(others, 50) - base);
  }

  private void lose(int percent, String address) throws Exception {
    FileTrial on = lose("percent=" + percent, "remote-port=7100");
    double lost = cable.lost(address, 7100, LOST_OF);
    double others = cable.lost(address, 7101, LOST_OF);
    undo(on);
    Cable.run("tc qdisc add dev fa root netem loss %d%%".formatted(percent));
    double plain = cable.lost(address, 7100, LOST_OF);
    Cable.run("tc qdisc del dev fa root");
    check(
        Math.abs(lost - percent) <= 1.5 && others == 0,
        "loss %d %% to %s: %.2f %% (tc: %.2f %%), of others %.2f %%, of %d packets",
        percent,
        address,
        lost,
        plain,
        others,
        LOST_OF);
  }

  /** What others send, while there is a fault that is not theirs, or a tree of tc's. */
  private void throughput() throws Exception {
    String tree =
        """
        tc qdisc add dev fa root handle 1: htb
        tc class add dev fa parent 1: classid 1:4 htb rate 10gbit
        tc qdisc add dev fa parent 1:4 netem delay 100ms
        tc filter add dev fa parent 1: prio 1 protocol ip u32 match ip dport 7001 0xffff flowid 1:4
        tc filter add dev fa parent 1: prio 2 protocol ipv6 u32 match ip6 dport 7001 0xffff flowid 1:4
        """;
    cable.transfer(Cable.FAR, BULK);
    double[] bare = new double[TRIES];
    double[] beside = new double[TRIES];
    double[] floor = new double[TRIES];
    for (int i = 0; i < TRIES; i++) {
      bare[i] = cable.transfer(Cable.FAR, BULK);
      FileTrial on = hold("time=100", "remote-port=" + PORT);
      beside[i] = cable.transfer(Cable.FAR, BULK);
      undo(on);
      Cable.run(tree);
      floor[i] = cable.transfer(Cable.FAR, BULK);
      Cable.run("tc qdisc del dev fa root");
    }
    say(
        "     others' %d MiB by TCP, ms: %s without, %s beside a fault, %s beside a tree of tc's",
        BULK >> 20, range(bare), range(beside), range(floor));
  }

  /**
   * What one connection of TCP makes of a delay, by each engine and by tc alone. Windows are wide
   * and slow start ends with them: with those that the kernel fits to what it sees, and cubic,
   * which takes a late answer for a full queue, a connection is three times slower now and then,
   * with either of them.
   */
  private void delayedThroughput() throws Exception {
    String wide =
        """
        echo 4096 8388608 16777216 >/proc/sys/net/ipv4/tcp_rmem
        echo 4096 8388608 16777216 >/proc/sys/net/ipv4/tcp_wmem
        echo reno >/proc/sys/net/ipv4/tcp_congestion_control
        """;
    Cable.run(wide);
    cable.runFar(wide);
    double part = 0;
    for (int tries = 0; tries < TRIES && part < PART_OF_TC; tries++) { // a busy machine is no fault
      part = Math.max(part, delayedPart());
    }
    check(part >= PART_OF_TC, "TCP delayed by 20 ms: %.2f of what tc alone makes", part);
  }

  private double delayedPart() throws Exception {
    double[] netem = new double[DELAYED_TRIES];
    double[] nfqueue = new double[DELAYED_TRIES];
    double[] plain = new double[DELAYED_TRIES];
    boolean queues = Nftables.queueing().isPresent();
    for (int i = 0; i < DELAYED_TRIES; i++) {
      netem[i] = delayed("engine=netem");
      nfqueue[i] = queues ? delayed("engine=nfqueue") : 0;
      Cable.run("tc qdisc add dev fa root netem delay 20ms");
      plain[i] = megabits();
      Cable.run("tc qdisc del dev fa root");
    }
    say(
        "     TCP delayed by 20 ms, Mbit/s: netem %s, nfqueue %s, tc alone %s; without %.0f",
        range(netem), queues ? range(nfqueue) : "not in this kernel", range(plain), megabits());
    return Cable.median(netem) / Cable.median(plain);
  }

  private static String range(double[] values) {
    return "%.0f (%.0f to %.0f)"
        .formatted(
            Cable.median(values),
            Arrays.stream(values).min().orElse(0),
            Arrays.stream(values).max().orElse(0));
  }

  private double delayed(String engine) throws Exception {
    FileTrial on = hold("time=20", engine, "protocol=tcp");
    double megabits = megabits();
    on.holds.forEach(Hold::close);
    undo(on);
    return megabits;
  }

  private double megabits() throws Exception {
    return DELAYED * 8 / 1e3 / cable.transfer(Cable.FAR, DELAYED);
  }

  private boolean comeAndGo() throws Exception {
    FileTrial first = hold("time=20", "destination-ip=" + Cable.FAR);
    FileTrial second = lose("percent=100", "remote-port=" + OTHER_PORT);
    boolean works = !cable.answers(Cable.FAR, OTHER_PORT) && cable.answers(Cable.FAR, PORT);
    undo(first);
    undo(second);
    return works;
  }

  /** Two delays and a loss on the same packets, taken away one by one. */
  private void union() throws Exception {
    FileTrial first = hold("time=20", "destination-ip=" + Cable.FAR);
    FileTrial second = hold("time=30", "remote-port=" + PORT);
    FileTrial limit = new FileTrial(journal, "limit");
    new NetworkLimit()
        .inject(Flags.bind("limit", NetworkLimit.Params.class, "rate=100mbit"), limit);
    FileTrial third = lose("percent=100", "remote-port=" + OTHER_PORT);
    FileTrial fourth = lose("percent=30", "remote-port=7100");
    near(Cable.FAR, 50, "delays of 20 and 30 ms, a limit of 100 Mbit/s");
    near(Cable.FAR_6, 30, "of them only 30 ms");
    check(!cable.answers(Cable.FAR, OTHER_PORT), "delayed, limited and lost: lost");
    double lost = cable.lost(Cable.FAR, 7100, LOST_OF / 2);
    check(Math.abs(lost - 30) <= 1.5, "delayed, limited, 30 %% lost: %.2f %%", lost);
    undo(fourth);
    undo(first);
    near(Cable.FAR, 30, "20 ms taken away");
    undo(limit);
    undo(third);
    check(cable.answers(Cable.FAR, OTHER_PORT), "the loss taken away: not lost");
    near(Cable.FAR, 30, "the limit taken away, too");
    undo(second);
    near(Cable.FAR, 0, "the last taken away");
  }

  /** Noise only makes things later, so the quickest of some measurements is the one to trust. */
  private void near(String address, double wanted, String what) throws Exception {
    double seen = Double.POSITIVE_INFINITY;
    for (int tries = 0; tries < TRIES && seen - wanted > 2; tries++) {
      seen = Math.min(seen, at(trips(address, PORT), 50));
    }
    check(Math.abs(seen - wanted) <= 2, "%s: p50 %.2f for %.0f ms", what, seen, wanted);
  }

  private FileTrial hold(String... flags) throws Exception {
    FileTrial on = new FileTrial(journal, "delay");
    new NetworkDelay().inject(Flags.bind("delay", NetworkDelay.Params.class, flags), on);
    return on;
  }

  private FileTrial lose(String... flags) throws Exception {
    FileTrial on = new FileTrial(journal, "loss");
    new NetworkLoss().inject(Flags.bind("loss", NetworkLoss.Params.class, flags), on);
    return on;
  }

  private void undo(FileTrial on) {
    for (Outcome outcome : on.destroy(false)) {
      check(outcome instanceof Outcome.Undone, "undone");
    }
  }

  /** Round trips of questions to an echo, some milliseconds apart. */
  private static double[] trips(String address, int port) throws Exception {
    long[] begun = new long[QUESTIONS];
    double[] millis = new double[QUESTIONS];
    Arrays.fill(millis, Double.POSITIVE_INFINITY);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(InetAddress.getByName(address), port);
      socket.setSoTimeout(2_000);
      Thread receiving = Thread.ofPlatform().start(() -> receive(socket, begun, millis));
      long start = System.nanoTime();
      for (int i = 0; i < QUESTIONS; i++) {
        LockSupport.parkNanos(start + i * APART_NANOS - System.nanoTime());
        byte[] number = ByteBuffer.allocate(4).putInt(i).array();
        begun[i] = System.nanoTime();
        socket.send(new DatagramPacket(number, 4));
      }
      receiving.join();
    }
    return millis;
  }

  private static void receive(DatagramSocket socket, long[] begun, double[] millis) {
    try {
      for (int i = 0; i < QUESTIONS; i++) {
        DatagramPacket answer = new DatagramPacket(new byte[4], 4);
        socket.receive(answer);
        int which = ByteBuffer.wrap(answer.getData()).getInt();
        millis[which] = (System.nanoTime() - begun[which]) / 1e6;
      }
    } catch (SocketTimeoutException lost) {
      return;
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The middle one of some rounds. */
  private static double at(double[][] rounds, int percent) {
    return Cable.median(Arrays.stream(rounds).mapToDouble(each -> at(each, percent)).toArray());
  }

  private static double at(double[] values, int percent) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
  }

  private void check(boolean good, String text, Object... values) {
    if (!text.equals("undone") || !good) {
      say((good ? "ok   " : "BAD  ") + text, values);
    }
    bad += good ? 0 : 1;
  }

  private static void say(String text, Object... values) {
    System.out.printf(Locale.ROOT, text + "%n", values);
  }
}
