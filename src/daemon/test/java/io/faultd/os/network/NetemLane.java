package io.faultd.os.network;

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
 * virtual machine. Prints a table; ends with 1 if anything is out of bounds.
 */
public final class NetemLane {
  private static final int QUESTIONS = 200;
  private static final long APART_NANOS = 5_000_000;
  private static final int TRIES = 5;
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

  /** Measures all. */
  public static void main(String[] arguments) throws Exception {
    if (Lacks.impairing().isPresent()) {
      throw new IllegalStateException(Lacks.impairing().get());
    }
    Path scratch = Files.createTempDirectory("netem");
    try (Cable cable = Cable.open().echo(PORT).echo(OTHER_PORT)) {
      NetemLane lane = new NetemLane(cable, new FileTrial.Journal(new Rollback(scratch)));
      lane.measure();
      System.out.println(lane.bad == 0 ? "all within bounds" : lane.bad + " out of bounds");
      System.exit(lane.bad == 0 ? 0 : 1);
    }
  }

  private void measure() throws Exception {
    String before = Traffic.listing(Cable.NEAR_INTERFACE);
    double[] bare = trips(Cable.FAR, PORT);
    double base = at(bare, 50);
    say("without a fault: p50 %.2f, p99 %.2f ms", base, at(bare, 99));
    for (int delay : new int[] {10, 100, 500}) {
      for (String address : new String[] {Cable.FAR, Cable.FAR_6}) {
        delay(delay, address, base);
      }
    }
    for (int percent : new int[] {1, 10, 30}) {
      for (String address : new String[] {Cable.FAR, Cable.FAR_6}) {
        FileTrial on = lose("percent=" + percent, "remote-port=7100");
        double lost = cable.lost(address, 7100, LOST_OF);
        double others = cable.lost(address, 7101, LOST_OF / 10);
        check(
            Math.abs(lost - percent) <= 1.5 && others == 0,
            "loss %d %% to %s: %.2f %%, of others %.2f %%",
            percent,
            address,
            lost,
            others);
        undo(on);
      }
    }
    union();
    check(before.equals(Traffic.listing(Cable.NEAR_INTERFACE)), "the queue came back as it was");
  }

  private void delay(int delay, String address, double base) throws Exception {
    FileTrial on = hold("time=" + delay, "remote-port=" + PORT);
    double p50 = Double.POSITIVE_INFINITY;
    double p99 = Double.POSITIVE_INFINITY;
    double most = Math.max(3, delay * 0.05);
    for (int tries = 0; tries < TRIES && p99 - delay > most; tries++) {
      double[] held = trips(address, PORT);
      p50 = Math.min(p50, at(held, 50) - base);
      p99 = Math.min(p99, at(held, 99));
    }
    double others = at(trips(address, OTHER_PORT), 50);
    check(
        Math.abs(p50 - delay) <= Math.max(0.5, delay * 0.02) && p99 - delay <= most,
        "delay %d ms to %s: p50 %.2f, p99 %.2f ms, of others p50 %.2f ms",
        delay,
        address,
        p50,
        p99,
        others);
    undo(on);
  }

  /** Two delays and a loss on the same packets, taken away one by one. */
  private void union() throws Exception {
    FileTrial first = hold("time=20", "destination-ip=" + Cable.FAR);
    FileTrial second = hold("time=30", "remote-port=" + PORT);
    FileTrial limit = new FileTrial(journal, "limit");
    new NetworkLimit()
        .inject(Flags.bind("limit", NetworkLimit.Params.class, "rate=100mbit"), limit);
    FileTrial third = lose("percent=100", "remote-port=" + OTHER_PORT);
    near(Cable.FAR, 50, "delays of 20 and 30 ms, a limit of 100 Mbit/s");
    near(Cable.FAR_6, 30, "of them only 30 ms");
    check(!cable.answers(Cable.FAR, OTHER_PORT), "delayed, limited and lost: lost");
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
