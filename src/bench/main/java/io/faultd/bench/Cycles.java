package io.faultd.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * One life after the other in one daemon, which forgets each a minute after its end: what grows.
 * Several clients may do that side by side, each with a file and a connection of its own; when it
 * is looked at, they pause.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Cycles [CYCLES [RETENTION
 * [CONNECTIONS]]]}
 */
public final class Cycles {
  private static final int CYCLES = 100_000;
  private static final int LINES = 20;

  private Cycles() {}

  /**
   * Prints a line now and then.
   *
   * @param args how many, default 100,000; how long records are kept, default 1m; how many
   *     connections, default 1
   */
  public static void main(String[] args) throws Exception {
    int cycles = args.length > 0 ? Integer.parseInt(args[0]) : CYCLES;
    String retention = args.length > 1 ? args[1] : "1m";
    int connections = args.length > 2 ? Integer.parseInt(args[2]) : 1;
    int each = Math.ceilDiv(cycles, LINES * connections);
    Path place = Places.make("cycles");
    try (Subject subject = Subject.started(Map.of("FAULTD_RETENTION", retention));
        ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Callable<Void>> clients = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        String victim = Files.createTempFile(place, "victim", "").toString();
        RestClient client = new RestClient(subject.http());
        clients.add(() -> {
          for (int done = 0; done < each; done++) {
            client.destroy(client.create(victim));
          }
          return null;
        });
      }
      long begin = System.nanoTime();
      print(subject, 0, 0);
      for (int line = 1; line <= LINES; line++) {
        for (Future<Void> client : threads.invokeAll(clients)) {
          client.get();
        }
        print(subject, line * each * connections, (System.nanoTime() - begin) / 1e9);
      }
    } finally {
      Places.delete(place);
    }
  }

  private static void print(Subject subject, int done, double seconds) throws Exception {
    System.out.printf(
        Locale.ROOT,
        "%7d lives in %5.0f s  live heap %5.2f MiB  RSS %6.1f MiB  %3d descriptors"
            + "  %3d threads  database %5.1f MiB%n",
        done,
        seconds,
        heap(subject.pid()) / (double) (1 << 20),
        subject.resident(),
        entries(subject.pid(), "fd"),
        entries(subject.pid(), "task"),
        size(subject.data()) / (double) (1 << 20));
  }

  /** What lives on the heap, in bytes: counting that, the JVM collects the rest. */
  private static long heap(long pid) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.class_histogram")
            .start();
    String text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    jcmd.waitFor();
    String[] total = text.substring(text.lastIndexOf('\n') + 1).split(" +", -1);
    return Long.parseLong(total[2]);
  }

  private static long entries(long pid, String folder) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(pid), folder))) {
      return all.count();
    }
  }

  private static long size(Path data) {
    return Stream.of("faultd.db", "faultd.db-wal")
        .mapToLong(name -> data.resolve(name).toFile().length())
        .sum();
  }
}
