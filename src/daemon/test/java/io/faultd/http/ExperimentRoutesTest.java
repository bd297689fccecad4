package io.faultd.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.spec.Units;
import jakarta.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentRoutesTest {
  private static final String PATH = "/api/v1/experiments";
  private Served served;

  @BeforeEach
  void start() {
    served = new Served();
  }

  @AfterEach
  void stop() {
    served.close();
  }

  @Test
  void aCreateAnswersUidRecordAndLocation() throws Exception {
    String body =
        """
        {"target": "cpu", "action": "fullload", "uid": "my-uid", "description": "why",
         "flags": {"time": 3000, "percent": 1.50, "on": true, "off": false, "name": "a b", "none": ""},
         "labels": {"team": "x"}}\
        """;
    HttpResponse<String> answer = served.send("POST", PATH, body);
    assertEquals(201, answer.statusCode(), answer.body());
    assertEquals(PATH + "/my-uid", answer.headers().firstValue("Location").orElse(""));
    JsonObject response = Served.json(answer).getJsonObject("response");
    assertEquals(200, response.getInt("code"));
    assertTrue(response.getBoolean("success"));
    assertEquals("my-uid", response.getString("result"));
    JsonObject record = Served.json(answer).getJsonObject("record");
    JsonObject flags = record.getJsonObject("flags");
    assertEquals("3000", flags.getString("time"));
    assertEquals("1.50", flags.getString("percent"));
    assertEquals("true", flags.getString("on"));
    assertEquals("false", flags.getString("off"));
    assertEquals("", flags.getString("none"));
    assertEquals("cpu", record.getString("command"));
    assertEquals("fullload", record.getString("subCommand"));
    assertTrue(record.getString("flag").contains(" --name=a@@##b --none="));
    assertEquals("Success", record.getString("status"));
    assertEquals("x", record.getJsonObject("labels").getString("team"));
    assertEquals("settled", record.getJsonObject("effect").getString("state"));
    assertEquals(50, record.getJsonObject("effect").getInt("asked"));
    assertFalse(record.containsKey("expireTime"));
    assertEquals(Served.json(served.send("GET", PATH + "/my-uid", null)), record);
  }

  @Test
  void theSameUidIsAnsweredOnceMoreAndAnotherOrderIsAConflict() throws Exception {
    String body = "{\"target\":\"a\",\"action\":\"b\",\"uid\":\"u\"}";
    assertEquals(201, served.send("POST", PATH, body).statusCode());
    assertEquals(200, served.send("POST", PATH, body).statusCode());
    String other = "{\"target\":\"a\",\"action\":\"c\",\"uid\":\"u\"}";
    assertEquals(409, served.send("POST", PATH, other).statusCode());
  }

  @Test
  void asyncIsAccepted() throws Exception {
    HttpResponse<String> answer = served.create("{\"async\":true}");
    assertEquals(202, answer.statusCode());
    assertEquals("Created", Served.json(answer).getJsonObject("record").getString("status"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/plain                         | true",
        "text/plain, application/json;q=0.5 | true",
        "application/json                   | false",
        "*/*                                | false",
      })
  void textIsTheBareUid(String accept, boolean bare) throws Exception {
    HttpResponse<String> answer = served.create("{}", "Accept", accept);
    assertEquals(201, answer.statusCode());
    assertEquals(bare, answer.body().matches("[0-9a-f]{16}"), answer.body());
  }

  @Test
  void aKeyIsHandedOnUnderBothNames() throws Exception {
    HttpResponse<String> first = served.create("{}", "Idempotency-Key", "k1");
    HttpResponse<String> second = served.create("{}", "X-Idempotency-Token", "k1");
    assertEquals(first.body(), second.body());
    assertEquals(201, second.statusCode());
    assertEquals(
        400, served.create("{}", "Idempotency-Key", "a", "X-Idempotency-Token", "b").statusCode());
    assertEquals(400, served.create("{}", "Idempotency-Key", "a b").statusCode());
  }

  @ParameterizedTest
  @CsvSource({
    "wait=settled,30s",
    "wait=settled&waitTimeout=2,2s",
    "wait=settled&waitTimeout=500ms,500ms",
    "wait=settled&waitTimeout=1m30s,90s",
  })
  void waitIsHandedOn(String query, String settle) throws Exception {
    served.send("POST", PATH + "?" + query, "{\"target\":\"a\",\"action\":\"b\"}");
    Duration seen = served.experiments.waiting.get().settle();
    assertEquals(Units.seconds(settle), seen);
  }

  @ParameterizedTest
  @CsvSource({
    "wait=x,wait",
    "waitTimeout=3,waitTimeout",
    "wait=settled&waitTimeout=x,waitTimeout",
    "wiat=settled,wiat"
  })
  void aWrongWaitIsRefused(String query, String field) throws Exception {
    HttpResponse<String> answer =
        served.send("POST", PATH + "?" + query, "{\"target\":\"a\",\"action\":\"b\"}");
    assertEquals(400, answer.statusCode());
    assertEquals(field, Served.json(answer).getString("field"));
  }

  @Test
  void aDryRunAnswersThePlanAndRecordsNothing() throws Exception {
    HttpResponse<String> answer =
        served.send("POST", PATH, "{\"target\":\"a\",\"action\":\"b\",\"dryRun\":true}");
    assertEquals(200, answer.statusCode());
    JsonObject plan = Served.json(answer).getJsonObject("plan");
    assertEquals("1234", plan.getJsonArray("targets").getJsonObject(0).getString("id"));
    assertEquals("exact", plan.getString("undo"));
    assertEquals(0, served.experiments.lastChange());
  }

  @Test
  void aDestroyAnswersWhatItEnded() throws Exception {
    String uid = created("{\"x\":1}");
    HttpResponse<String> answer = served.send("DELETE", PATH + "/" + uid, null);
    assertEquals(200, answer.statusCode());
    JsonObject result = Served.json(answer).getJsonObject("result");
    assertEquals(uid, result.getString("uid"));
    assertEquals("file", result.getString("target"));
    assertEquals("1", result.getJsonObject("flags").getString("x"));
    assertEquals(200, served.send("DELETE", PATH + "/" + uid, null).statusCode());
  }

  @Test
  void aDestroyThatGoesOnIsAcceptedWithTheRecord() throws Exception {
    String uid = created("{\"busy\":true}");
    HttpResponse<String> answer = served.send("DELETE", PATH + "/" + uid, null);
    assertEquals(202, answer.statusCode());
    assertEquals(uid, Served.json(answer).getJsonObject("record").getString("uid"));
  }

  @Test
  void residueIsAnErrorUntilItIsGivenUp() throws Exception {
    String uid = created("{\"residue\":true}");
    HttpResponse<String> answer = served.send("DELETE", PATH + "/" + uid, null);
    assertEquals(500, answer.statusCode());
    assertEquals("RESIDUE", Served.json(answer).getString("reason"));
    JsonObject result = Served.json(answer).getJsonObject("result");
    assertEquals("EPERM", result.getJsonArray("residue").getJsonObject(0).getString("error"));
    HttpResponse<String> forced = served.send("DELETE", PATH + "/" + uid + "?force=true", null);
    assertEquals(200, forced.statusCode());
    assertTrue(forced.body().contains("mode of /x"), "what was given up is listed");
  }

  @Test
  void withoutARecordTheNodeIsSwept() throws Exception {
    String body = "{\"target\":\"file\",\"action\":\"chmod\",\"flags\":{}}";
    HttpResponse<String> answer = served.send("DELETE", PATH + "/lost", body);
    assertEquals(200, answer.statusCode());
    JsonObject result = Served.json(answer).getJsonObject("result");
    assertEquals("mode of /x", result.getJsonArray("undone").getString(0));
    assertEquals("process 7", result.getJsonArray("unsure").getString(0));
    String other = "{\"target\":\"file\",\"action\":\"add\"}";
    assertEquals(404, served.send("DELETE", PATH + "/lost", other).statusCode());
    String wrong = "{\"target\":\"file\",\"action\":\"add\",\"labels\":{}}";
    assertEquals(400, served.send("DELETE", PATH + "/lost", wrong).statusCode());
  }

  @Test
  void panicEndsAllOrThoseWithALabel() throws Exception {
    String body = "{\"target\":\"a\",\"action\":\"b\",\"labels\":{\"l\":\"%s\",\"m\":\"1\"}}";
    served.send("POST", PATH, body.formatted("one=two"));
    served.send("POST", PATH, body.formatted("two"));
    HttpResponse<String> some =
        served.send("DELETE", PATH + "?label=l%3Done%3Dtwo&label=m%3D1", null);
    assertEquals(200, some.statusCode());
    assertEquals(1, Served.json(some).getJsonArray("result").size());
    HttpResponse<String> all = served.send("DELETE", PATH, null);
    JsonObject outcome = Served.json(all).getJsonArray("result").getJsonObject(0);
    assertEquals("Destroyed", outcome.getString("status"));
    assertEquals(0, Served.json(served.send("DELETE", PATH, null)).getJsonArray("result").size());
  }

  @Test
  void panicWithABodyEndsNothing() throws Exception {
    created("{}");
    assertEquals(400, served.send("DELETE", PATH, "{\"uid\":\"x\"}").statusCode());
    assertEquals(1, served.experiments.lastChange());
  }

  @Test
  void panicTellsResidue() throws Exception {
    created("{\"residue\":true}");
    created("{}");
    HttpResponse<String> answer = served.send("DELETE", PATH, null);
    assertEquals(500, answer.statusCode());
    assertEquals(69004, Served.json(answer).getInt("code"));
    assertEquals(2, Served.json(answer).getJsonArray("result").size());
  }

  @Test
  void statusFilters() throws Exception {
    for (int i = 0; i < 3; i++) {
      served.send(
          "POST",
          PATH,
          "{\"target\":\"cpu\",\"action\":\"fullload\",\"uid\":\"u%d\",\"flags\":{\"n\":%d}}"
              .formatted(i, i));
    }
    served.send("DELETE", PATH + "/u1", null);
    assertEquals("u2,u1,u0", uids("type=create"));
    assertEquals("u0,u1,u2", uids("type=C&asc"));
    assertEquals("u1", uids("type=d&status=destroyed"));
    assertEquals("u2,u0", uids("type=c&status=SUCCESS"));
    assertEquals("u2", uids("type=c&limit=1"));
    assertEquals("u1", uids("type=c&limit=1%2C1"));
    assertEquals("u2", uids("type=c&flag=n%3D2"));
    assertEquals("u2", uids("type=c&flag-filter=n%3D2"));
    assertEquals("u2,u1,u0", uids("type=c&target=processor&action=load"));
    assertEquals("", uids("type=c&target=disk"));
    served.send("POST", PATH, "{\"target\":\"mem\",\"action\":\"load\",\"uid\":\"m\"}");
    assertEquals("m,u2,u1,u0", uids("type=c&action=load"));
    assertEquals("m", uids("type=c&action=load&target=mem"));
    JsonObject one = Served.json(served.send("GET", "/api/v1/status?uid=u1", null));
    assertEquals("u1", one.getJsonObject("result").getString("uid"));
  }

  @Test
  void actionsAreListed() throws Exception {
    String body = served.send("GET", "/api/v1/actions", null).body();
    JsonObject entry = Served.json("{\"list\":" + body + "}").getJsonArray("list").getJsonObject(0);
    assertEquals("fullload", entry.getString("action"));
    assertEquals("load", entry.getJsonArray("aliases").getString(0));
    assertFalse(entry.getBoolean("available"));
    assertEquals("no cpu", entry.getString("missing"));
    assertEquals("loop", entry.getString("engine"));
    assertTrue(entry.getBoolean("implemented"));
    JsonObject flag = entry.getJsonArray("flags").getJsonObject(0);
    assertEquals("number", flag.getString("type"));
    assertEquals(100, flag.getInt("max"));
    assertEquals("%", flag.getString("unit"));
  }

  @Test
  void infoTellsTheNode() throws Exception {
    JsonObject info = Served.json(served.send("GET", "/api/v1/info", null));
    assertEquals("0123abcd", info.getString("instance"));
    assertEquals("", info.getJsonObject("capabilities").getString("pidfd"));
  }

  private String uids(String query) throws Exception {
    HttpResponse<String> answer = served.send("GET", "/api/v1/status?" + query, null);
    assertEquals(200, answer.statusCode(), answer.body());
    return String.join(
        ",",
        Served.json(answer).getJsonArray("result").getValuesAs(JsonObject.class).stream()
            .map(e -> e.getString("uid"))
            .toList());
  }

  private String created(String flags) throws Exception {
    return Served.json(served.create(flags)).getJsonObject("response").getString("result");
  }
}
