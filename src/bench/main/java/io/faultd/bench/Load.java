package io.faultd.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Many requests to the daemon, and in the same run to {@link Minimal}: experiments made and taken
 * back, and a record read, over HTTP and gRPC, from 1, 16 and 64 connections, each with a file of
 * its own. What is asked shares the processors with who asks.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Load [CALLS]}
 */
public final class Load {
  private static final int CALLS = 4_000;
  private static final int[] CONNECTIONS = {1, 16, 64};

  private Load() {}

  /**
   * Prints the times.
   *
   * @param args how many calls of each kind, default 4000
   */
  public static void main(String[] args) throws Exception {
    int calls = args.length > 0 ? Integer.parseInt(args[0]) : CALLS;
    Path place = Places.make("load");
    try (Subject faultd = Subject.started(Subject.LAUNCHER, List.of());
        Subject minimal = Subject.minimal(Subject.LAUNCHER)) {
      Map<String, Supplier<Client>> ways = new LinkedHashMap<>();
      ways.put("HTTP faultd ", () -> new RestClient(faultd.http()));
      ways.put("HTTP minimal", () -> new RestClient(minimal.http()));
      ways.put("gRPC faultd ", () -> new GrpcClient(faultd.grpc()));
      ways.put("gRPC minimal", () -> new GrpcClient(minimal.grpc()));
      for (Supplier<Client> way : ways.values()) {
        run(place, 1, calls / 2, way); // compiled
      }
      for (int connections : CONNECTIONS) {
        for (Map.Entry<String, Supplier<Client>> way : ways.entrySet()) {
          print(way.getKey(), connections, run(place, connections, calls, way.getValue()));
        }
      }
      System.out.printf(
          Locale.ROOT, "resident: %.0f and %.0f MB%n", faultd.resident(), minimal.resident());
    } finally {
      Places.delete(place);
    }
  }

  /** What one connection measured; lives and looks began and ended with those of the others. */
  private record Times(long[] creates, long[] destroys, long[] reads, long lives, long looks) {}

  private static List<Times> run(Path place, int connections, int calls, Supplier<Client> clients)
      throws Exception {
    CyclicBarrier together = new CyclicBarrier(connections);
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Future<Times>> running = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        Path victim = Files.createTempFile(place, "victim", "");
        running.add(
            threads.submit(() -> {
              try (Client client = clients.get()) {
                return measured(client, victim.toString(), calls / connections, together);
              }
            }));
      }
      List<Times> times = new ArrayList<>();
      for (Future<Times> each : running) {
        times.add(each.get());
      }
      return times;
    }
  }

  private static Times measured(Client client, String victim, int calls, CyclicBarrier together)
      throws Exception {
    client.destroy(client.create(victim)); // connects
    long[] creates = new long[calls];
    long[] destroys = new long[calls];
    long[] reads = new long[calls];
    together.await();
    long lives = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      long begin = System.nanoTime();
      String uid = client.create(victim);
      long created = System.nanoTime();
      client.destroy(uid);
      creates[i] = created - begin;
      destroys[i] = System.nanoTime() - created;
    }
    together.await();
    lives = System.nanoTime() - lives;
    String uid = client.create(victim);
    together.await();
    long looks = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      long begin = System.nanoTime();
      client.read(uid);
      reads[i] = System.nanoTime() - begin;
    }
    together.await();
    looks = System.nanoTime() - looks;
    client.destroy(uid);
    return new Times(creates, destroys, reads, lives, looks);
  }

  private static void print(String who, int connections, List<Times> all) {
    long calls = all.stream().mapToLong(times -> times.creates().length).sum();
    Times any = all.getFirst();
    System.out.printf(
        Locale.ROOT,
        "%s %2d connections: %6.0f lives/s  create  %s%n",
        who,
        connections,
        calls * 1e9 / any.lives(),
        figures(all.stream().map(Times::creates)));
    System.out.printf("%56s destroy %s%n", "", figures(all.stream().map(Times::destroys)));
    System.out.printf(
        Locale.ROOT,
        "%s %2d connections: %6.0f reads/s  read    %s%n",
        who,
        connections,
        calls * 1e9 / any.looks(),
        figures(all.stream().map(Times::reads)));
  }

  private static Figures figures(Stream<long[]> parts) {
    return new Figures(parts.flatMapToLong(LongStream::of).toArray());
  }
}
