package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.fault.Effect.State;
import io.faultd.fault.Reason;
import io.faultd.testing.Eventually;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServletDelayTest extends LibraryFaultTest {
  ServletDelayTest() {
    super("servlet");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tomcat-8.5", "jetty-9.4", "tomcat-11", "jetty-12.1"})
  void onlyRequestsThatFitAreLateUntilItIsDestroyed(String library) throws Exception {
    try (LibraryJvm jvm = LibraryJvm.of(library)) {
      Experiment delay = inject(jvm, "delay", "time", "300", "requestpath", "/SLOW");
      assertEquals(State.RAMPING, delay.effect().state());
      assertEquals("no servlet is loaded yet", delay.effect().detail());
      jvm.serve(library);
      assertTrue(jvm.millis("/slow") >= 300);
      assertTrue(jvm.millis("/quick") < 300);
      Eventually.eventually("settled", () -> node.now(delay).effect().state() == State.SETTLED);
      hits(delay, 1);
      destroyed(delay);
      assertTrue(jvm.millis("/slow") < 300);
    }
  }

  @Test
  void whoWaitsIsAnsweredWhenItIsDestroyed() throws Exception {
    try (LibraryJvm jvm = LibraryJvm.of("jetty-12.1")) {
      jvm.serve("jetty-12.1");
      Experiment delay = inject(jvm, "delay", "time", "60s");
      CompletableFuture<Long> waiting = CompletableFuture.supplyAsync(() -> jvm.millis("/a"));
      hits(delay, 1);
      destroyed(delay);
      assertTrue(waiting.get() < 30_000);
    }
  }

  @Test
  void isRefusedWhereItCouldNeverStrike() throws Exception {
    try (LibraryJvm jvm = LibraryJvm.of("tomcat-11")) {
      refused(jvm, Reason.ILLEGAL_PARAMETER, "time", "delay", "time", "0");
      refused(jvm, Reason.MISSING_PARAMETER, "time", "delay", "method", "GET");
      refused(jvm, Reason.ILLEGAL_PARAMETER, "path", "delay", "time", "1", "path", "/");
      refused(jvm, Reason.ILLEGAL_PARAMETER, "classname", "delay", "time", "1", "classname", "A");
      for (String flag : new String[] {"requestpath-regex-pattern", "querystring-regex-pattern"}) {
        refused(jvm, Reason.ILLEGAL_PARAMETER, flag, "delay", "time", "1", flag, "a(");
      }
      for (String headers :
          new String[] {
            "user=7",
            "{}",
            "{\"params\": []}",
            "{\"params\": [{\"key\": \"user\"}]}",
            "{\"params\": [{\"key\": \"user\", \"value\": \"7\"}], \"pattern\": \"xor\"}"
          }) {
        refused(
            jvm, Reason.ILLEGAL_PARAMETER, "b-params", "delay", "time", "1", "b-params", headers);
      }
      assertTrue(node.preparations.list(ALL).isEmpty(), "nothing came into the JVM");
    }
  }
}
