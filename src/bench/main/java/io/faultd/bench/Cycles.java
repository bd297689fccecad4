package io.faultd.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One life after the other in one daemon, which forgets each a minute after its end: what grows.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Cycles [CYCLES [RETENTION]]}
 */
public final class Cycles {
  private static final int CYCLES = 100_000;
  private static final int LINES = 20;

  private Cycles() {}

  /**
   * Prints a line now and then.
   *
   * @param args how many, default 100,000; how long records are kept, default 1m
   */
  public static void main(String[] args) throws Exception {
    int cycles = args.length > 0 ? Integer.parseInt(args[0]) : CYCLES;
    String retention = args.length > 1 ? args[1] : "1m";
    Path place = Places.make("cycles");
    String victim = Files.createFile(place.resolve("victim")).toString();
    try (Subject subject = Subject.started(Map.of("FAULTD_RETENTION", retention));
        RestClient client = new RestClient(subject.http())) {
      long begin = System.nanoTime();
      for (int done = 0; done <= cycles; done++) {
        if (done % Math.max(1, cycles / LINES) == 0) {
          double seconds = (System.nanoTime() - begin) / 1e9;
          print(subject, done, seconds);
        }
        client.destroy(client.create(victim));
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
