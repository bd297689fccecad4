package io.faultd.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FailuresTest {
  private final AtomicLong now = new AtomicLong();
  private final Failures failures = new Failures(now::get);

  @Test
  void aPlaceIsBarredAfterTenWithinAMinuteUntilThatIsOver() {
    for (int i = 0; i < 10; i++) {
      assertEquals(Optional.empty(), failures.barred("a"));
      failures.failed("a");
    }
    assertEquals(Optional.of(Duration.ofMinutes(1)), failures.barred("a"));
    assertEquals(Optional.empty(), failures.barred("b"));
    now.addAndGet(Duration.ofSeconds(59).toNanos());
    assertEquals(Optional.of(Duration.ofSeconds(1)), failures.barred("a"));
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    assertEquals(Optional.empty(), failures.barred("a"));
  }

  @Test
  void slowFailuresBarNobody() {
    for (int i = 0; i < 100; i++) {
      failures.failed("a");
      now.addAndGet(Duration.ofSeconds(7).toNanos());
      assertTrue(failures.barred("a").isEmpty());
    }
  }

  @Test
  void manyPlacesDoNotFillTheMemoryAndDoNotFreeTheLatest() {
    for (int i = 0; i < 10; i++) {
      failures.failed("latest");
    }
    for (int i = 0; i < 4_000; i++) {
      failures.failed("place" + i);
    }
    assertTrue(failures.barred("latest").isPresent());
    for (int i = 0; i < 100_000; i++) {
      failures.failed("place" + i);
    }
    assertTrue(failures.barred("latest").isEmpty(), "more than 4096 places are remembered");
  }
}
