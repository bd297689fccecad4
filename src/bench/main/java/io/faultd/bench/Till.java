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

  private final Path source;
  private final Process process;

  private Till(Path source, Process process) {
    this.source = source;
    this.process = process;
  }

  /**
   * Starts one, and waits until it has compiled itself.
   *
   * @param java of which version
   */
  static Till started(String java) throws IOException {
    Path source = Places.make("till").resolve("Till.java");
    Files.writeString(source, PROGRAM);
    Process process =
        new ProcessBuilder(java, "-XX:+EnableDynamicAgentLoading", source.toString())
            .inheritIO()
            .start();
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3));
    return new Till(source, process);
  }

  int pid() {
    return (int) process.pid();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Places.delete(source.getParent());
  }
}
