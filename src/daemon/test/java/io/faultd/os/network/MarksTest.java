package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.net.MarkRule;
import io.faultd.linux.ns.Network;
import io.faultd.linux.proc.Procfs;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cable;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Marks stay out of the way of others. */
@Requires("root")
class MarksTest {
  private Cable cable;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(7001);
  }

  @AfterEach
  void close() throws Exception {
    Cable.run("while ip rule del pref 70 2>/dev/null; do :; done");
    Cable.run("while ip -6 rule del pref 70 2>/dev/null; do :; done");
    cable.close();
  }

  private void delayed() throws Exception {
    try (RecordedInjection on = new RecordedInjection()) {
      new NetworkDelay()
          .inject(
              Flags.bind("delay", NetworkDelay.Params.class, "time=30", "remote-port=7001"), on);
      double[] trips = cable.roundTrips(Cable.FAR, 7001, 15);
      double[] wide = cable.roundTrips(Cable.FAR_6, 7001, 15);
      assertTrue(Cable.median(trips) >= 30 && Cable.median(wide) >= 30);
    }
  }

  @Test
  void theLowestThatIsFreeIsTaken() throws Exception {
    int first = Marks.take(Network.OWN);
    int second = Marks.take(Network.OWN);
    assertEquals(first + 1, second);
    Marks.give(first);
    assertEquals(first, Marks.take(Network.OWN));
    Marks.give(first);
    Marks.give(second);
    for (int i = 0; i < 5; i++) {
      delayed();
    }
    Eventually.eventually("none is kept", MarksTest::none);
  }

  private static boolean none() throws IOException {
    int mark = Marks.take(Network.OWN);
    Marks.give(mark);
    return mark == 0xfa000001;
  }

  @Test
  void oneIsGivenBackWhenNothingIsSentWithItAnyMore() throws Exception {
    int compared = 0;
    for (int i = 0; i < 10; i++) {
      Eventually.eventually("none is kept", MarksTest::none);
      delayed();
      int next = Marks.take(Network.OWN);
      // a packet that was on its way when the rules went is still sent
      if (sending()) {
        assertEquals(0xfa000002, next);
        compared++;
      }
      Marks.give(next);
    }
    assertTrue(compared > 0, "each had ended before it was looked at");
  }

  private static boolean sending() {
    return Procfs.HOST.tasks((int) ProcessHandle.current().pid()).stream()
        .anyMatch(task -> task.name().startsWith("faultd-delay"));
  }

  @Test
  void oneThatARuleOfOthersAsksForIsNotTaken() throws Exception {
    Cable.run("ip rule add pref 70 fwmark 0x1/0x1 unreachable");
    Cable.run("ip -6 rule add pref 70 fwmark 0x2/0x2 unreachable");
    Cable.run("ip rule add pref 70 not fwmark 0xca6c lookup main");
    int mark = Marks.take(Network.OWN);
    assertEquals(0xfa000004, mark);
    Marks.give(mark);
    delayed();
  }

  @Test
  void whereARuleAsksForAllItIsRefused() throws Exception {
    Cable.run("ip rule add pref 70 fwmark 0x80000000/0x80000000 unreachable");
    FaultException refused = assertThrows(FaultException.class, this::delayed);
    assertEquals(Reason.UNSUPPORTED, refused.reason());
    assertTrue(refused.getMessage().contains("fwmark 0x80000000/0x80000000"));
  }

  @Test
  void aRuleThatLooksAtAMarkTellsThoseApartThatItAsksFor() {
    assertTrue(new MarkRule(0x200, 0xf00).tells(0xfa000200));
    assertEquals(List.of(false, false), tells(new MarkRule(0x200, 0xf00)));
    assertEquals(List.of(true, true), tells(new MarkRule(0, 0xff000000)));
    assertEquals(List.of(true, false), tells(new MarkRule(0xfa000001, -1)));
  }

  private static List<Boolean> tells(MarkRule rule) {
    return List.of(rule.tells(0xfa000001), rule.tells(0xfa000002));
  }
}
