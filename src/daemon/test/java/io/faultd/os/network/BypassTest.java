package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Errno;
import io.faultd.linux.nfqueue.DelayLine;
import org.junit.jupiter.api.Test;

/** Packets that go by a full queue are told from those that have not come yet. */
class BypassTest {
  private static final long SECOND = 1_000_000_000L;

  private final Bypass bypass = new Bypass(0);
  private long time;

  private static DelayLine.Report report(long received, long missed, long drained) {
    return new DelayLine.Report(0, 0, 0, received, missed, 0, Errno.UNKNOWN, drained);
  }

  /** A second later, on a node on which all comes at once. */
  private boolean look(long received, long hits) {
    time += SECOND;
    return bypass.grown(report(received, 0, time - 1), hits, time);
  }

  @Test
  void whatDoesNotComeWentBy() {
    assertFalse(look(1_000, 1_000));
    assertFalse(look(1_000, 1_500), "it may be under way");
    assertTrue(look(1_000, 1_500));
    assertEquals(500, bypass.packets());
    assertFalse(look(2_000, 2_500));
    assertFalse(look(2_000, 2_500));
    assertEquals(500, bypass.packets());
  }

  @Test
  void whatCameAsManyHidesNothingThatGoesByLater() {
    look(64_000, 1_000);
    look(64_000, 1_000);
    assertFalse(look(64_000, 1_100));
    assertTrue(look(64_000, 1_100));
    assertEquals(100, bypass.packets());
    assertFalse(look(128_000, 2_100));
    assertFalse(look(128_000, 2_100));
    assertFalse(look(128_000, 2_130));
    assertTrue(look(128_000, 2_130));
    assertEquals(130, bypass.packets());
  }

  @Test
  void whatABusyNodeHasNotTakenYetDidNotGoBy() {
    look(1_000, 1_000);
    // for seconds nobody has looked whether more has come
    for (int i = 0; i < 5; i++) {
      time += SECOND;
      assertFalse(bypass.grown(report(1_000, 0, SECOND + SECOND / 2), 5_000, time));
    }
    assertFalse(look(5_000, 5_000));
    assertEquals(0, bypass.packets());
  }

  @Test
  void whatTheKernelNumberedAndCouldNotHandOverIsCounted() {
    assertTrue(bypass.grown(report(10, 3, 0), 13, 1));
    assertEquals(3, bypass.packets());
    assertFalse(bypass.grown(report(10, 3, 0), 13, 2));
  }
}
