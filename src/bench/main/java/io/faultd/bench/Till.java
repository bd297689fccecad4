package io.faultd.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

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
   * Starts one, compiled beforehand as applications are, and waits until it is at work.
   *
   * @param java of which version
   * @param more how many methods it has besides {@code first} and {@code second}, {@code more0} and
   *     so on, called 50 times a second
   */
  static Till started(String java, int more) throws IOException {
    Path place = Places.make("till");
    String source = written(place, more).toString();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> options = List.of("--release", "8", "-Xlint:-options", "-d", place.toString());
    List<String> arguments = new ArrayList<>(options);
    arguments.add(source);
    if (compiler.run(null, null, null, arguments.toArray(new String[0])) != 0) {
      throw new IOException("cannot be compiled: " + source);
    }
    return started(place, java, List.of("-cp", place.toString(), "Till"));
  }

  /** The same with the source as the program, so that the compiler's classes are in it, too. */
  static Till startedFromSource(String java, int more) throws IOException {
    Path place = Places.make("till");
    return started(place, java, List.of(written(place, more).toString()));
  }

  private static Path written(Path place, int more) throws IOException {
    Path source = place.resolve("Till.java");
    String methods =
        numbered(more, "static int more%1$d(int i) { return i + %1$d; }").replace("\n", "\n  ");
    String calls = numbered(more, "run(() -> more%d(1), 20);").replace("\n", "\n    ");
    return Files.writeString(source, PROGRAM.replace("METHODS", methods).replace("CALLS", calls));
  }

  private static Till started(Path place, String java, List<String> program) throws IOException {
    List<String> command = new ArrayList<>(List.of(java, "-XX:+EnableDynamicAgentLoading"));
    command.addAll(program);
    Process process = new ProcessBuilder(command).inheritIO().start();
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
