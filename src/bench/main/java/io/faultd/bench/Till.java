package io.faultd.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A JVM that calls methods of a class {@code Till} all the time, each in a thread of its own; to be
 * harmed.
 */
final class Till implements AutoCloseable {
  private static final String PROGRAM =
      """
      public class Till {
        static int first(int i) { return i; }
        static int second(int i) { return i; }
        METHODS
        public static void main(String[] args) throws Exception {
          run(() -> first(1), 1);
          run(() -> second(1), 1);
          CALLS
        }
        static void run(Runnable call, int pause) {
          new Thread(() -> { while (true) { call.run(); sleep(pause); } }).start();
        }
        static void sleep(int pause) {
          try { Thread.sleep(pause); } catch (InterruptedException e) { throw new RuntimeException(e); }
        }
      }
      """;

  private final Path place;
  private final Process process;

  private Till(Path place, Process process) {
    this.place = place;
    this.process = process;
  }

  /**
   * Starts one, and waits until it has compiled itself.
   *
   * @param java of which version
   * @param more how many methods it has besides {@code first} and {@code second}, {@code more0} and
   *     so on, called 50 times a second
   */
  static Till started(String java, int more) throws IOException {
    Path place = Places.make("till");
    Path source = place.resolve("Till.java");
    String methods =
        numbered(more, "static int more%1$d(int i) { return i + %1$d; }").replace("\n", "\n  ");
    String calls = numbered(more, "run(() -> more%d(1), 20);").replace("\n", "\n    ");
    Files.writeString(source, PROGRAM.replace("METHODS", methods).replace("CALLS", calls));
    Process process =
        new ProcessBuilder(java, "-XX:+EnableDynamicAgentLoading", source.toString())
            .inheritIO()
            .start();
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3));
    return new Till(place, process);
  }

  private static String numbered(int count, String line) {
    return IntStream.range(0, count).mapToObj(line::formatted).collect(Collectors.joining("\n"));
  }

  int pid() {
    return (int) process.pid();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Places.delete(place);
  }
}
