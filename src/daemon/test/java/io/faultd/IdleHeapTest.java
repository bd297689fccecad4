package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A JVM with the launcher's heap that has had much to do, and then nothing. */
class IdleHeapTest {
  private static final long MIB = 1 << 20;

  private static Process start(Class<?> main) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xms8m",
            "-Xmx96m",
            "-XX:MinHeapFreeRatio=10",
            "-XX:MaxHeapFreeRatio=20",
            "-XX:-ShrinkHeapInSteps",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void oneThatIsLargeBecauseMuchOfItLivesIsCollectedOnceAndNotAgain() throws Exception {
    Process process = start(Living.class);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
      assertEquals("1 more", lines.readLine());
      assertEquals("0 more", lines.readLine(), "in thirty looks");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void aHeapThatHasGrownShrinksOnceThereIsNothingToDo() throws Exception {
    Process process = start(Grown.class);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
      long grown = megabytes(lines);
      assertTrue(grown > 60, grown + " MiB");
      long shrunk = megabytes(lines);
      assertTrue(shrunk < 24, shrunk + " MiB");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static long megabytes(BufferedReader lines) throws IOException {
    return Long.parseLong(lines.readLine()) / MIB;
  }

  /** Says how large its heap is when it has grown, and when it has shrunk by a half. */
  static final class Grown {
    private Grown() {}

    /** Runs it. */
    public static void main(String[] arguments) throws InterruptedException {
      List<byte[]> much = new java.util.ArrayList<>();
      for (int i = 0; i < 60; i++) {
        much.add(new byte[(int) MIB]);
      }
      long grown = Runtime.getRuntime().totalMemory();
      System.out.println(grown);
      much.clear();
      Thread.ofPlatform()
          .start(() -> {
            while (Runtime.getRuntime().totalMemory() > grown / 2) {
              Thread.onSpinWait();
            }
            System.out.println(Runtime.getRuntime().totalMemory());
          });
      IdleHeap.tend(Duration.ofMillis(200));
    }
  }

  /** Says how many collections there were until the first of an idle heap, and in a while after. */
  static final class Living {
    private Living() {}

    /** Runs it. */
    public static void main(String[] arguments) throws InterruptedException {
      List<byte[]> much = new java.util.ArrayList<>();
      for (int i = 0; i < 60; i++) {
        much.add(new byte[(int) MIB]);
      }
      System.gc(); // whatever is over, is
      long before = collections();
      Thread.ofPlatform()
          .start(() -> {
            while (collections() == before) {
              LockSupport.parkNanos(1_000_000);
            }
            System.out.println(collections() - before + " more");
            long first = collections();
            LockSupport.parkNanos(3_000_000_000L);
            System.out.println(collections() - first + " more");
            much.clear();
          });
      IdleHeap.tend(Duration.ofMillis(100));
    }

    private static long collections() {
      return ManagementFactory.getGarbageCollectorMXBeans().stream()
          .mapToLong(GarbageCollectorMXBean::getCollectionCount)
          .sum();
    }
  }
}
