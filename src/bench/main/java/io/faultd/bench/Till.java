package io.faultd.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A JVM that calls two methods of a class {@code Till} all the time; to be harmed. */
final class Till implements AutoCloseable {
  private static final String PROGRAM =
      """
      public class Till {
        static int first(int i) { return i; }
        static int second(int i) { return i; }
        public static void main(String[] args) throws Exception {
          new Thread(() -> { while (true) { first(1); pause(); } }).start();
          while (true) { second(1); pause(); }
        }
        static void pause() {
          try { Thread.sleep(1); } catch (InterruptedException e) { throw new RuntimeException(e); }
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
   */
  static Till started(String java) throws IOException {
    Path place = Places.make("till");
    Path source = place.resolve("Till.java");
    Files.writeString(source, PROGRAM);
    Process process =
        new ProcessBuilder(java, "-XX:+EnableDynamicAgentLoading", source.toString())
            .inheritIO()
            .start();
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3));
    return new Till(place, process);
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
