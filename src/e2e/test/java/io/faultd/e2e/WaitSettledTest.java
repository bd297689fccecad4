package io.faultd.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import io.faultd.v1.CreateExperimentRequest;
import io.faultd.v1.ExperimentRecord;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that asks for it is answered when the effect has settled, or after its time. */
@Requires("root")
class WaitSettledTest {
  /** All of it, which settles whatever others use of it. */
  private static final Map<String, String> SLOWLY =
      Map.of("cpu-percent", "100", "climb-time", "3", "cpu-list", "0");

  @TempDir static Path folder;
  private static Daemon daemon;

  @BeforeAll
  static void start() throws Exception {
    daemon = Daemon.in(folder).start();
  }

  @AfterEach
  void takeBack() {
    assertEquals(200, daemon.rest().delete(Rest.EXPERIMENTS).status());
  }

  @AfterAll
  static void end() throws Exception {
    daemon.close();
  }

  private Rest.Answer create(String waiting, Map<String, String> flags) {
    return daemon.rest().post(Rest.EXPERIMENTS + waiting, Rest.order("cpu", "fullload", flags));
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / (double) TimeUnit.SECONDS.toNanos(1);
  }

  @Test
  void theAnswerComesWhenTheClimbIsOver() {
    long begin = System.nanoTime();
    Rest.Answer answer = create("?wait=settled", SLOWLY);
    assertEquals(201, answer.status(), answer.text());
    assertTrue(seconds(begin) > 2.5, "a climb of 3 s");
    JsonObject effect = answer.json().getJsonObject("record").getJsonObject("effect");
    assertEquals("settled", effect.getString("state"), answer.text());
    double achieved = effect.getJsonNumber("achieved").doubleValue();
    assertTrue(achieved > 25, "what processor 0 shows: " + achieved);
  }

  @Test
  void whoseTimeIsOverGetsTheRecordAsItIs() {
    long begin = System.nanoTime();
    Map<String, String> forLong = Map.of("cpu-percent", "30", "climb-time", "600");
    Rest.Answer answer = create("?wait=settled&waitTimeout=500ms", forLong);
    assertEquals(201, answer.status(), answer.text());
    assertTrue(seconds(begin) < 20, "not the usual 30 s");
    JsonObject record = answer.json().getJsonObject("record");
    assertEquals("Success", record.getString("status"));
    assertEquals("ramping", record.getJsonObject("effect").getString("state"), answer.text());
  }

  @Test
  void whoDoesNotAskIsNotKept() {
    Rest.Answer answer = create("", SLOWLY);
    JsonObject effect = answer.json().getJsonObject("record").getJsonObject("effect");
    assertEquals("ramping", effect.getString("state"), answer.text());
  }

  @Test
  void overGrpcItIsTheSame() {
    long begin = System.nanoTime();
    ExperimentRecord record =
        daemon
            .experiments()
            .createExperiment(
                CreateExperimentRequest.newBuilder()
                    .setTarget("cpu")
                    .setAction("fullload")
                    .putAllFlags(SLOWLY)
                    .setWaitSettled(true)
                    .build())
            .getRecord();
    assertTrue(seconds(begin) > 2.5, "a climb of 3 s");
    assertEquals("EFFECT_STATE_SETTLED", record.getEffect().getState().name(), record.toString());
  }
}
