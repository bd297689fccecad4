package io.faultd.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.fault.Effect;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExperimentMetersTest {

  private static List<String> shortfall(Served served, String uid) throws Exception {
    return served
        .send("GET", "/metrics", null, "Accept", "text/plain")
        .body()
        .lines()
        .filter(line -> line.startsWith("faultd_experiment_shortfall{") && line.contains(uid))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .toList();
  }

  @Test
  void onlyWhatIsDegradedLacksSomething() throws Exception {
    try (Served served = new Served()) {
      String uid = Served.json(served.create("{}")).getJsonObject("record").getString("uid");
      assertEquals(List.of("0.0"), shortfall(served, uid), "49.5 of 50, and settled");
      served.experiments.effect(uid, effect(Effect.State.RAMPING));
      assertEquals(List.of("0.0"), shortfall(served, uid), "on its way");
      served.experiments.effect(uid, effect(Effect.State.DEGRADED));
      assertEquals(List.of("20.0"), shortfall(served, uid));
      assertEquals(200, served.send("DELETE", "/api/v1/experiments/" + uid, null).statusCode());
      assertEquals(List.of(), shortfall(served, uid), "it is over");
    }
  }

  @Test
  void whatIsNoNumberIsNotShown() throws Exception {
    try (Served served = new Served()) {
      String uid = Served.json(served.create("{}")).getJsonObject("record").getString("uid");
      Effect settled = effect(Effect.State.SETTLED);
      served.experiments.effect(
          uid, new Effect(settled.state(), 50.0, Double.NaN, "%", 0L, settled.since(), null));
      String metrics = served.send("GET", "/metrics", null, "Accept", "text/plain").body();
      List<String> lines =
          metrics
              .lines()
              .filter(line -> line.contains(uid))
              .map(ExperimentMetersTest::name)
              .sorted()
              .toList();
      assertEquals(List.of("faultd_experiment_asked", "faultd_experiment_hits"), lines);
    }
  }

  private static String name(String line) {
    return line.substring(0, line.indexOf('{'));
  }

  private static Effect effect(Effect.State state) {
    return new Effect(state, 50.0, 30.0, "%", null, Instant.now(), null);
  }
}
