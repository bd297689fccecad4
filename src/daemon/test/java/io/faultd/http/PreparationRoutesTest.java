package io.faultd.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreparationRoutesTest {
  private static final String PATH = "/api/v1/preparations";
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
  void aPreparationIsMadeSeenAndRevoked() throws Exception {
    HttpResponse<String> answer =
        served.send(
            "POST",
            PATH,
            "{\"type\":\"java\",\"process\":\"shop\",\"pid\":12,\"port\":8080,\"uid\":\"mine\"}");
    assertEquals(201, answer.statusCode(), answer.body());
    assertEquals(PATH + "/mine", answer.headers().firstValue("Location").orElse(""));
    JsonObject record = Served.json(answer).getJsonObject("record");
    assertEquals("Running", record.getString("status"));
    assertEquals("jvm", record.getString("programType"));
    assertEquals("shop", record.getString("process"));
    assertEquals("12", record.getString("pid"));
    assertEquals("8080", record.getString("port"));
    assertEquals("mine", Served.json(answer).getJsonObject("response").getString("result"));
    assertTrue(Served.json(answer).getJsonArray("warnings").getString(0).startsWith("port"));
    assertEquals(record, Served.json(served.send("GET", PATH + "/mine", null)));
    HttpResponse<String> again =
        served.send("POST", PATH, "{\"type\":\"jvm\",\"pid\":\"12\",\"uid\":\"mine\"}");
    assertEquals(200, again.statusCode(), again.body());
    HttpResponse<String> revoked = served.send("DELETE", PATH + "/mine", null);
    assertEquals(200, revoked.statusCode(), revoked.body());
    assertEquals("Revoked", Served.json(revoked).getJsonObject("result").getString("status"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Idempotency-Key", "X-Idempotency-Token"})
  void aKeyIsRefusedRatherThanPassedOver(String name) throws Exception {
    HttpResponse<String> answer =
        served.send("POST", PATH, "{\"type\":\"jvm\",\"pid\":12,\"uid\":\"mine\"}", name, "k");
    assertEquals(400, answer.statusCode(), answer.body());
    assertEquals(name, Served.json(answer).getString("field"));
    assertEquals(404, served.send("GET", PATH + "/mine", null).statusCode());
  }

  @Test
  void oneThatIsBeingMadeIsAccepted() throws Exception {
    HttpResponse<String> answer =
        served.send("POST", PATH, "{\"type\":\"jvm\",\"pid\":12,\"async\":true}");
    assertEquals(202, answer.statusCode(), answer.body());
    assertEquals("Created", Served.json(answer).getJsonObject("record").getString("status"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'process': 'x'}                            | 400 | 45000",
        "{'type': 'jvm'}                             | 400 | 45000",
        "{'type': 'jvm', 'pid': 'x'}                 | 400 | 46000",
        "{'type': 'jvm', 'pid': 1.5}                 | 400 | 46000",
        "{'type': 'jvm', 'pid': 1, 'refresh': 'no'}  | 400 | 46000",
        "{'type': 'jvm', 'pid': 1, 'uid': 'a/b'}     | 400 | 46000",
        "{'type': 'jvm', 'pid': 1, 'proces': 'x'}    | 400 | 48000",
        "{'type': 'jvm', 'pid': 404}                 | 404 | 47001",
        "{'type': 'jvm', 'pid': 13}                  | 422 | 69002",
      })
  void badOrdersAreRefused(String body, int status, int code) throws Exception {
    HttpResponse<String> answer = served.send("POST", PATH, body.replace("'", "\""));
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals(code, Served.json(answer).getInt("code"));
    assertEquals(code == 69002, Served.json(answer).containsKey("result"), "it has a record");
  }

  @Test
  void statusListsThem() throws Exception {
    served.send("POST", PATH, "{\"type\":\"jvm\",\"pid\":21,\"uid\":\"one\"}");
    served.send("POST", PATH, "{\"type\":\"jvm\",\"pid\":22,\"uid\":\"two\"}");
    served.send("DELETE", PATH + "/one", null);
    assertEquals("two", list("type=prepare").getJsonObject(0).getString("uid"));
    assertEquals("one", list("type=r&asc=true").getJsonObject(0).getString("uid"));
    assertEquals(1, list("type=p&status=running").size());
    assertEquals(1, list("type=p&limit=1,5").size());
    JsonObject one =
        Served.json(served.send("GET", "/api/v1/status?uid=one", null)).getJsonObject("result");
    assertEquals("Revoked", one.getString("status"));
    String asked = "/api/v1/status?uid=one&status=";
    assertEquals(404, served.send("GET", asked + "Running", null).statusCode());
    assertEquals(200, served.send("GET", asked + "Revoked", null).statusCode());
  }

  @Test
  void whatCanBeAimedAtIsListed() throws Exception {
    String body = served.send("GET", "/api/v1/targets?kind=jvm", null).body();
    JsonObject seen = Json.createReader(new StringReader(body)).readObject();
    assertEquals("deaf", seen.getJsonArray("warnings").getString(0));
    JsonObject target = seen.getJsonArray("targets").getJsonObject(0);
    assertEquals("jvm", target.getString("kind"));
    assertEquals("12", target.getString("id"));
    assertEquals("0", target.getJsonObject("properties").getString("user"));
  }

  private JsonArray list(String query) throws Exception {
    return Served.json(served.send("GET", "/api/v1/status?" + query, null)).getJsonArray("result");
  }
}
