package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a node lacks is found out now and then, and when it matters. */
class MissingTest {
  private final AtomicInteger probed = new AtomicInteger();
  private Duration now = Duration.ofHours(-1);
  private final Missing missing =
      new Missing(
          () -> Map.of("htb", Integer.toString(probed.incrementAndGet())), () -> now.toNanos());

  private void pass(Duration time) {
    now = now.plus(time);
  }

  @Test
  void itIsFoundOutOnceAMinuteHoweverOftenItIsAskedFor() {
    assertEquals(Map.of("htb", "1"), missing.missing());
    pass(Duration.ofSeconds(59));
    assertEquals(Map.of("htb", "1"), missing.missing());
    pass(Duration.ofSeconds(1));
    assertEquals(Map.of("htb", "2"), missing.missing());
  }

  @Test
  void whoWouldBeRefusedForItIsToldWhatIsSoNow() {
    missing.missing();
    pass(Duration.ofSeconds(2));
    assertEquals(Map.of("htb", "2"), missing.anew());
    assertEquals(Map.of("htb", "2"), missing.anew(), "together with others of this second");
    assertEquals(Map.of("htb", "2"), missing.missing());
  }
}
