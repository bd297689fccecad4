package io.faultd.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageTest {
  private static final int[] PROCESSORS = {0, 1};

  @TempDir Path folder;

  private Usage read(String... lines) throws IOException {
    Path stat = folder.resolve("stat");
    Files.writeString(stat, "cpu  1 1 1 1 1 1 1 1 0 0\n" + String.join("\n", lines) + "\nctxt 7\n");
    return Usage.read(stat, PROCESSORS);
  }

  @Test
  void countsAllThatIsNeitherIdleNorWaiting() throws IOException {
    Usage before = read("cpu0 10 0 0 10 0 0 0 0 0 0", "cpu1 10 0 0 10 0 0 0 0 0 0");
    Usage after = read("cpu0 20 5 5 60 20 5 5 0 8 0", "cpu1 10 0 0 90 20 0 0 0 0 0");
    // guests (8) are in the first number already
    assertArrayEquals(new double[] {30, 0}, after.since(before));
  }

  @Test
  void leavesOutTimeThatTheHypervisorGaveToOthers() throws IOException {
    Usage before = read("cpu0 0 0 0 0 0 0 0 0 0 0", "cpu1 0 0 0 0 0 0 0 0 0 0");
    Usage after = read("cpu0 30 0 0 30 0 0 0 40 0 0", "cpu1 0 0 0 0 0 0 0 100 0 0");
    assertArrayEquals(new double[] {50, 0}, after.since(before));
  }

  @Test
  void knowsWhichAreOffline() throws IOException {
    Usage both = read("cpu0 0 0 0 0 0 0 0 0 0 0", "cpu1 90 0 0 0 0 0 0 0 0 0");
    Usage one = read("cpu0 60 0 0 40 0 0 0 0 0 0");
    assertTrue(both.has(0) && both.has(1) && one.has(0));
    assertFalse(one.has(1));
    assertEquals(0, one.since(both)[1]);
    assertEquals(0, both.since(one)[1], "what it did before says nothing");
  }
}
