package io.faultd.os.network;

import io.faultd.rollback.Rollback;
import io.faultd.testing.Cable;
import io.faultd.testing.FileTrial;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a netem of ours does to packets that it does not match, which are answered at once so that
 * nothing hides it: blocks of questions, one by one, without it, with it, and with a tree of tc's
 * that matches as little, in turns.
 */
final class OthersBesideNetem {
  private static final int ROUNDS = 21;
  private static final int QUESTIONS = 300;
  private static final int TRIES = 5;
  private static final int PATIENCE_MILLIS = 2_000;
  private static final int PORT = 7002;

  /** More than a tree of tc's costs, in parts; less than that none can. */
  private static final double MOST = 0.05;

  private static final String TREE =
      """
      tc qdisc add dev fa root handle 1: htb
      tc class add dev fa parent 1: classid 1:4 htb rate 10gbit
      tc qdisc add dev fa parent 1:4 netem delay 100ms
      tc filter add dev fa parent 1: prio 1 protocol ip u32 match ip dport 7009 0xffff flowid 1:4
      """;

  private final Rollback rollback;
  private final List<String> wrong = new ArrayList<>();
  private int lost;

  OthersBesideNetem(Rollback rollback) {
    this.rollback = rollback;
  }

  /** Measures it beside a delay and a loss; what went wrong. */
  List<String> tried() throws Exception {
    for (String fault : new String[] {"delay", "loss"}) {
      double most = beside(fault);
      for (int tries = 1; tries < TRIES && most >= MOST; tries++) { // a busy machine is no fault
        most = beside(fault);
      }
      if (most >= MOST || lost > 0) {
        wrong.add(
            "others beside a %s: later by a part of %.2f than beside tc's, %d lost"
                .formatted(fault, most, lost));
      }
    }
    return wrong;
  }

  /** By which part others are later than beside a tree of tc's; the median of the rounds. */
  private double beside(String fault) throws Exception {
    double[][] without = new double[ROUNDS][];
    double[][] with = new double[ROUNDS][];
    double[][] floor = new double[ROUNDS][];
    double[] more = new double[ROUNDS];
    ask();
    for (int i = 0; i < ROUNDS; i++) {
      boolean first = i % 2 == 0;
      without[i] = first ? ask() : without[i];
      FileTrial on = new FileTrial(new FileTrial.Journal(rollback), "others");
      inject(fault, on);
      with[i] = ask();
      on.destroy(false);
      Cable.run(TREE);
      floor[i] = ask();
      Cable.run("tc qdisc del dev fa root");
      without[i] = first ? without[i] : ask();
      more[i] = at(with[i], 50) / at(floor[i], 50) - 1;
    }
    say("without", fault, without);
    say("with", fault, with);
    say("beside a tree of tc's, not", fault, floor);
    System.out.printf(
        Locale.ROOT,
        "     others beside a %s: p50 %+.1f %% of that without, tc's %+.1f %%; %d of %d lost%n",
        fault,
        100 * change(with, without),
        100 * change(floor, without),
        lost,
        ROUNDS * QUESTIONS);
    return Cable.median(more);
  }

  private static void inject(String fault, FileTrial on) throws IOException {
    if (fault.equals("delay")) {
      new NetworkDelay()
          .inject(
              Flags.bind(
                  "delay",
                  NetworkDelay.Params.class,
                  "time=100",
                  "engine=netem",
                  "remote-port=7001"),
              on);
    } else {
      new NetworkLoss()
          .inject(
              Flags.bind(
                  "loss",
                  NetworkLoss.Params.class,
                  "percent=50",
                  "engine=netem",
                  "remote-port=7001"),
              on);
    }
  }

  private static void say(String how, String fault, double[][] rounds) {
    System.out.printf(
        Locale.ROOT,
        "     others, %s a %s: p50 %.1f, p99 %.1f us%n",
        how,
        fault,
        at(rounds, 50),
        at(rounds, 99));
  }

  private static double change(double[][] rounds, double[][] without) {
    double[] changes = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      changes[i] = at(rounds[i], 50) / at(without[i], 50) - 1;
    }
    return Cable.median(changes);
  }

  /** Questions one by one; how long each waits for its answer, in microseconds. */
  private double[] ask() throws IOException {
    double[] micros = new double[QUESTIONS];
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(InetAddress.getByName(Cable.FAR), PORT);
      DatagramPacket question = new DatagramPacket(new byte[32], 32);
      DatagramPacket answer = new DatagramPacket(new byte[64], 64);
      for (int i = 0; i < QUESTIONS; i++) {
        long begun = System.nanoTime();
        socket.send(question);
        try {
          socket.receive(answer);
        } catch (SocketTimeoutException e) {
          lost++;
        }
        micros[i] = (System.nanoTime() - begun) / 1e3;
      }
    }
    return micros;
  }

  private static double at(double[][] rounds, int percent) {
    return Cable.median(Arrays.stream(rounds).mapToDouble(each -> at(each, percent)).toArray());
  }

  private static double at(double[] values, int percent) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length * percent / 100];
  }
}
