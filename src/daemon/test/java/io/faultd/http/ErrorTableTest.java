package io.faultd.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Reason;
import jakarta.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorTableTest {
  private static final Map<Reason, Integer> STATUS =
      Map.ofEntries(
          Map.entry(Reason.BAD_REQUEST, 400),
          Map.entry(Reason.MISSING_PARAMETER, 400),
          Map.entry(Reason.ILLEGAL_PARAMETER, 400),
          Map.entry(Reason.UNAUTHENTICATED, 401),
          Map.entry(Reason.FORBIDDEN, 403),
          Map.entry(Reason.UNKNOWN_ACTION, 404),
          Map.entry(Reason.UNKNOWN_UID, 404),
          Map.entry(Reason.TARGET_NOT_FOUND, 404),
          Map.entry(Reason.CONFLICT, 409),
          Map.entry(Reason.UNSUPPORTED, 422),
          Map.entry(Reason.LIMIT, 429),
          Map.entry(Reason.STORE_UNAVAILABLE, 503),
          Map.entry(Reason.INJECT_FAILED, 500),
          Map.entry(Reason.RESIDUE, 500));
  private static Served served;

  @BeforeAll
  static void start() {
    served = new Served();
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  @ParameterizedTest
  @EnumSource
  void aRefusalHasStatusCodeReasonAndField(Reason reason) throws Exception {
    HttpResponse<String> answer = served.create("{\"refuse\":\"" + reason + "\"}");
    assertEquals(STATUS.get(reason), answer.statusCode());
    JsonObject r = Served.json(answer);
    assertEquals(reason.code(), r.getInt("code"));
    assertFalse(r.getBoolean("success"));
    assertEquals(reason.name(), r.getString("reason"));
    assertEquals("flags.refuse", r.getString("field"));
    assertFalse(r.containsKey("result"));
  }

  @ParameterizedTest
  @EnumSource
  void aFailureAfterTheRecordTellsTheUid(Reason reason) throws Exception {
    HttpResponse<String> answer = served.create("{\"fail\":\"" + reason + "\"}");
    assertEquals(STATUS.get(reason), answer.statusCode());
    String uid = Served.json(answer).getString("result");
    HttpResponse<String> record = served.send("GET", "/api/v1/experiments/" + uid, null);
    assertEquals("Error", Served.json(record).getString("status"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "not json                                        | 400 | BAD_REQUEST       | ",
        "[1]                                             | 400 | BAD_REQUEST       | ",
        "3                                               | 400 | BAD_REQUEST       | ",
        "{\"target\":\"a\",\"target\":\"b\",\"action\":\"c\"} | 400 | BAD_REQUEST  | ",
        "{\"target\":\"a\",\"action\":\"b\"} trailing     | 400 | BAD_REQUEST       | ",
        "{\"target\":\"a\",\"action\":\"b\",\"flagz\":{}}| 400 | BAD_REQUEST       | flagz",
        "{\"action\":\"b\"}                              | 400 | MISSING_PARAMETER | target",
        "{\"target\":\" \",\"action\":\"b\"}             | 400 | MISSING_PARAMETER | target",
        "{\"target\":\"a\"}                              | 400 | MISSING_PARAMETER | action",
        "{\"target\":1,\"action\":\"b\"}                 | 400 | ILLEGAL_PARAMETER | target",
        "{\"target\":\"a\",\"action\":\"b\",\"flags\":[]}| 400 | ILLEGAL_PARAMETER | flags",
        "{\"target\":\"a\",\"action\":\"b\",\"flags\":{\"x\":null}} | 400 | ILLEGAL_PARAMETER |"
            + " flags.x",
        "{\"target\":\"a\",\"action\":\"b\",\"flags\":{\"x\":[1]}}  | 400 | ILLEGAL_PARAMETER |"
            + " flags.x",
        "{\"target\":\"a\",\"action\":\"b\",\"flags\":{\"x\":{}}}   | 400 | ILLEGAL_PARAMETER |"
            + " flags.x",
        "{\"target\":\"a\",\"action\":\"b\",\"flags\":{\"x\":1e999999999}} | 400 |"
            + " ILLEGAL_PARAMETER | flags.x",
        "{\"target\":\"a\",\"action\":\"b\",\"flags\":{\"x\":\"\\ud800\"}} | 400 |"
            + " ILLEGAL_PARAMETER | flags.x",
        "{\"target\":\"a\",\"action\":\"b\",\"uid\":\"a/b\"}  | 400 | ILLEGAL_PARAMETER | uid",
        "{\"target\":\"a\",\"action\":\"b\",\"uid\":\"..\"}   | 400 | ILLEGAL_PARAMETER | uid",
        "{\"target\":\"a\",\"action\":\"b\",\"dryRun\":3}     | 400 | ILLEGAL_PARAMETER | dryRun",
      })
  void aBodyIsReadStrictly(String body, int status, String reason, String field) throws Exception {
    HttpResponse<String> answer = served.send("POST", "/api/v1/experiments", body);
    JsonObject r = Served.json(answer);
    assertEquals(reason, r.getString("reason"), answer.body());
    assertEquals(status, answer.statusCode());
    assertEquals(field, r.getString("field", null));
    assertTrue(answer.headers().firstValue("Content-Type").orElse("").contains("json"));
  }

  @Test
  void anUnknownKeyNamesTheNearest() throws Exception {
    String body = "{\"target\":\"a\",\"action\":\"b\",\"lables\":{}}";
    String error = Served.json(served.send("POST", "/api/v1/experiments", body)).getString("error");
    assertTrue(error.contains("did you mean labels?"), error);
  }

  @Test
  void deeplyNestedJsonIsRefused() throws Exception {
    String body = "{\"target\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    assertEquals(400, served.send("POST", "/api/v1/experiments", body).statusCode());
  }

  @Test
  void aBodyThatIsNotUtf8IsRefused() throws Exception {
    String answer =
        served.raw(
            "POST /api/v1/experiments HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: 14\r\n\r\n"
                + "{\"target\":\"\u00ff\"}");
    assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
    assertTrue(answer.contains("not UTF-8"), answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "application/jsonx"})
  void anotherContentTypeIs415(String type) throws Exception {
    HttpResponse<String> answer =
        served.send("POST", "/api/v1/experiments", "{}", "Content-Type", type);
    assertEquals(415, answer.statusCode());
    assertEquals(48000, Served.json(answer).getInt("code"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/,404",
    "GET,/api,404",
    "GET,/nowhere,404",
    "GET,/api/v1/experimentz,404",
    "DELETE,/api/v1/experiments/,400",
    "DELETE,/api/v1//experiments,400",
    "DELETE,//api/v1/experiments,400",
    "DELETE,/api/v1/experiments/%20,400",
    "DELETE,/api/v1/experiments/%2e%2e,400",
    "DELETE,/api/v1/experiments/.,400",
    "DELETE,/api/v1/experiments;x=1,400",
    "DELETE,/api/v1/experiments/a%2fb,400",
    "DELETE,/api/v1/experiments/%00,400",
    "GET,/api/v1/experiments/nobody,404",
    "GET,/api/v1/experiments/nobody/events,404",
    "DELETE,/api/v1/experiments/nobody,404",
    "GET,/api/v1/status,400",
    "GET,/api/v1/status?type=x,400",
    "GET,/api/v1/status?type=p&flag=x,400",
    "GET,/api/v1/status?type=p&status=Success,400",
    "GET,/api/v1/status?type=c&limit=0,400",
    "GET,/api/v1/status?type=c&limit=1%2C2%2C3,400",
    "GET,/api/v1/status?type=c&status=Gone,400",
    "GET,/api/v1/status?type=c&tagret=x,400",
    "GET,/api/v1/status?uid=nobody,404",
    "GET,/api/v1/status?type=p&uid=nobody&status=Gone,400",
    "GET,/api/v1/status?type=p&uid=nobody&label=a%3Db,400",
    "GET,/api/v1/targets?kind=teapot,400",
    "GET,/api/v1/audit?limit=0,400",
    "GET,/api/v1/audit?since=lately,400",
    "GET,/api/v1/audit?since=%2B1000000000-12-31T23:59:59Z,400",
    "GET,/api/v1/audit?uid=%20,400",
    "POST,/api/v1/preparations,415",
    "GET,/api/v1/preparations/x,404",
    "DELETE,/api/v1/preparations/x,404",
    "DELETE,/api/v1/experiments?label=x,400",
    "DELETE,/api/v1/experiments?label=,400",
    "DELETE,/api/v1/experiments?label,400",
    "DELETE,/api/v1/experiments?label=%3Dx,400",
    "DELETE,/api/v1/experiments?labels=a%3Db,400",
  })
  void oddPathsAndQueriesAreAnsweredByAnR(String method, String path, int status) throws Exception {
    String answer =
        served.raw(
            method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
    JsonObject r = Served.json(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    assertFalse(r.getBoolean("success"));
    assertFalse(answer.contains("\tat "), answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PUT    | /api/v1/experiments          | DELETE, POST",
        "GET    | /api/v1/experiments          | DELETE, POST",
        "POST   | /api/v1/experiments/x        | DELETE, GET",
        "DELETE | /api/v1/experiments/x/events | GET",
        "POST   | /api/v1/status               | GET",
        "DELETE | /api/v1/preparations         | POST",
        "POST   | /metrics                     | GET, HEAD",
        "DELETE | /health                      | GET, HEAD",
        "FUNNY  | /api/v1/info                 | GET",
      })
  void anotherMethodIs405AndNamesThoseThatAre(String method, String path, String allowed)
      throws Exception {
    HttpResponse<String> answer = served.send(method, path, null);
    assertEquals(405, answer.statusCode(), answer.body());
    String allow = answer.headers().firstValue("Allow").orElse("");
    assertEquals(
        allowed, String.join(", ", new java.util.TreeSet<>(java.util.List.of(allow.split(", ")))));
    assertEquals(48000, Served.json(answer).getInt("code"));
  }

  @Test
  void aHeadRequestHasNoBody() throws Exception {
    String answer =
        served.raw("HEAD /api/v1/info HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 405"), answer);
    assertTrue(answer.endsWith("\r\n\r\n"), answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /\u0001 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /api/v1/info HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n",
        "POST /api/v1/experiments HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        "GET /api/v1/info HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      })
  void whatIsNotHttpIsAnRWithoutAStackTrace(String request) throws Exception {
    String answer = served.raw(request);
    assertTrue(answer.startsWith("HTTP/1.1 4") || answer.startsWith("HTTP/1.1 5"), answer);
    assertFalse(answer.contains("\tat "), answer);
    assertFalse(
        Served.json(answer.substring(answer.indexOf("\r\n\r\n") + 4)).getBoolean("success"));
  }
}
