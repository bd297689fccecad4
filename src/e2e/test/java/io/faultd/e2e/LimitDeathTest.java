package io.faultd.e2e;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Cable;
import io.faultd.testing.Requires;
import io.faultd.testing.Traffic;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queues outlive the daemon: whoever is started next puts back what others had there. */
@Requires("root")
class LimitDeathTest {
  private static final String SHAPED =
      """
      tc qdisc add dev fa root handle 1: htb default 12
      tc class add dev fa parent 1: classid 1:11 htb rate 900mbit
      tc class add dev fa parent 1: classid 1:12 htb rate 800mbit
      tc qdisc add dev fa parent 1:11 handle 110: pfifo limit 500
      tc filter add dev fa parent 1: protocol ip prio 1 u32 match ip dport 80 0xffff flowid 1:11
      """;

  private static final int MEGABYTE = 1_000_000;

  @TempDir Path folder;
  private Cable cable;
  private String before;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(7001);
    Cable.run(SHAPED);
    before = listing();
  }

  @AfterEach
  void close() throws Exception {
    cable.close();
  }

  private static String listing() throws Exception {
    return Traffic.listing(Cable.NEAR_INTERFACE) + Cable.run("nft list ruleset");
  }

  private static String limited(Daemon daemon, String... timeout) throws Exception {
    Map<String, String> flags =
        timeout.length == 0
            ? Map.of("rate", "8mbit", "burst", "20K")
            : Map.of("rate", "8mbit", "burst", "20K", "timeout", timeout[0]);
    String uid = daemon.rest().create("network", "limit", flags).uid();
    assertEquals("Success", daemon.rest().status(uid), daemon.log());
    return uid;
  }

  private void asBefore() throws Exception {
    assertEquals(before, listing());
    assertTrue(cable.transfer(Cable.FAR, MEGABYTE) < 700, "as fast as before");
    assertTrue(cable.answers(Cable.FAR, 7001), "packets come and go");
  }

  @Test
  void isTakenBackByTheNextDaemonAndWorksUntilThen() throws Exception {
    try (Daemon daemon = Daemon.in(folder).start()) {
      String uid = limited(daemon);
      String limited = listing();
      daemon.kill();
      assertEquals(limited, listing());
      assertTrue(cable.transfer(Cable.FAR, MEGABYTE) > 850, "a second, but for the burst");
      daemon.start();
      assertEquals("Destroyed", daemon.rest().status(uid));
      asBefore();
      assertEquals(200, daemon.rest().destroy(uid).status(), "once more");
      asBefore();
    }
  }

  @Test
  void isResumedAndThenDestroyedAsIfNobodyHadDied() throws Exception {
    try (Daemon daemon = Daemon.in(folder).with("recovery", "resume").start()) {
      String uid = limited(daemon);
      daemon.kill();
      daemon.start();
      assertEquals("Success", daemon.rest().status(uid));
      assertNotEquals(before, listing());
      assertEquals(200, daemon.rest().destroy(uid).status());
      asBefore();
    }
  }

  @Test
  void isNotResumedWhenItsTimeWasOverWhileNobodyLived() throws Exception {
    try (Daemon daemon = Daemon.in(folder).with("recovery", "resume").start()) {
      String uid = limited(daemon, "2");
      Instant expires = Instant.parse(daemon.rest().experiment(uid).getString("expireTime"));
      daemon.kill();
      assertNotEquals(before, listing());
      eventually("its time is over", () -> Instant.now().isAfter(expires));
      daemon.start();
      assertEquals("Destroyed", daemon.rest().status(uid));
      asBefore();
    }
  }
}
