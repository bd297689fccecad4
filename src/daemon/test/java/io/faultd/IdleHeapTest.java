package io.faultd;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A JVM with the launcher's heap that has had much to do, and then nothing. */
class IdleHeapTest {
  private static final long MIB = 1 << 20;

  @Test
  void aHeapThatHasGrownShrinksOnceThereIsNothingToDo() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xms8m",
                "-Xmx96m",
                "-XX:MinHeapFreeRatio=10",
                "-XX:MaxHeapFreeRatio=20",
                "-XX:-ShrinkHeapInSteps",
                "-cp",
                System.getProperty("java.class.path"),
                Grown.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
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
}
