package io.faultd.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * Load on a running daemon: create, read and destroy, over HTTP and gRPC, from 1 and 16
 * connections, each with a file of its own.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Load HTTP-PORT GRPC-PORT}
 */
public final class Load {
  private static final int WARM_UP = 1_000;
  private static final int CALLS = 2_000;

  private Load() {}

  /**
   * Prints the times.
   *
   * @param args the ports of HTTP and gRPC
   */
  public static void main(String[] args) throws Exception {
    int http = Integer.parseInt(args[0]);
    int grpc = Integer.parseInt(args[1]);
    Path place = Places.make("load");
    try {
      run(place, 1, WARM_UP, () -> new RestClient(http));
      run(place, 1, WARM_UP, () -> new GrpcClient(grpc));
      for (int connections : new int[] {1, 16}) {
        print("HTTP", connections, run(place, connections, CALLS, () -> new RestClient(http)));
        print("gRPC", connections, run(place, connections, CALLS, () -> new GrpcClient(grpc)));
      }
    } finally {
      Places.delete(place);
    }
  }

  /** What one connection measured. */
  private record Times(long[] creates, long[] reads, long[] destroys) {}

  private static List<Times> run(Path place, int connections, int calls, Supplier<Client> clients)
      throws Exception {
    CountDownLatch ready = new CountDownLatch(connections);
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Future<Times>> running = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        Path victim = Files.createTempFile(place, "victim", "");
        running.add(
            threads.submit(() -> {
              try (Client client = clients.get()) {
                client.destroy(client.create(victim.toString())); // connects
                ready.countDown();
                ready.await();
                return measured(client, victim.toString(), calls / connections);
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

  private static Times measured(Client client, String victim, int calls) throws Exception {
    Times times = new Times(new long[calls], new long[calls], new long[calls]);
    for (int i = 0; i < calls; i++) {
      long begin = System.nanoTime();
      String uid = client.create(victim);
      long created = System.nanoTime();
      client.status(uid);
      long read = System.nanoTime();
      client.destroy(uid);
      times.creates()[i] = created - begin;
      times.reads()[i] = read - created;
      times.destroys()[i] = System.nanoTime() - read;
    }
    return times;
  }

  private static void print(String protocol, int connections, List<Times> times) {
    String who = "%s %2d connections ".formatted(protocol, connections);
    System.out.println(who + "create  " + all(times.stream().map(Times::creates).toList()));
    System.out.println(who + "status  " + all(times.stream().map(Times::reads).toList()));
    System.out.println(who + "destroy " + all(times.stream().map(Times::destroys).toList()));
  }

  private static Figures all(List<long[]> parts) {
    return new Figures(parts.stream().flatMapToLong(java.util.Arrays::stream).toArray());
  }
}
