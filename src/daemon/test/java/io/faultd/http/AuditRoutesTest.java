package io.faultd.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Actor;
import io.faultd.experiment.AuditLine;
import jakarta.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditRoutesTest {
  private final Served served = new Served();

  @AfterEach
  void end() {
    served.close();
  }

  private AuditLine line(long seq) {
    Actor ci = new Actor("ci", "10.0.0.1:1");
    return new AuditLine(seq, Instant.EPOCH, ci, "cpu fullload", "u", "Success", "");
  }

  @Test
  void aListThatIsCutSaysSoAndIsReadOnBehindItsLastLine() throws Exception {
    for (long seq = 5; seq > 0; seq--) {
      served.audit.add(line(seq));
    }
    List<Integer> seen = new ArrayList<>();
    String more = "";
    boolean truncated = true;
    while (truncated) {
      HttpResponse<String> answer = served.send("GET", "/api/v1/audit?limit=2" + more, null);
      assertEquals(200, answer.statusCode(), answer.body());
      JsonObject page = Served.json(answer);
      page.getJsonArray("result")
          .getValuesAs(JsonObject.class)
          .forEach(line -> seen.add(line.getInt("seq")));
      truncated = page.getBoolean("truncated");
      more = "&before=" + seen.getLast();
      served.audit.addFirst(line(served.audit.size() + 1)); // moves nothing
    }
    assertEquals(List.of(5, 4, 3, 2, 1), seen);
    served.audit.clear();
    assertEquals(
        "{\"code\":200,\"success\":true,\"truncated\":false,\"result\":[]}",
        served.send("GET", "/api/v1/audit", null).body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "x", "1000000000000000000000", "1.5"})
  void aPlaceThatIsNoneIsRefused(String before) throws Exception {
    HttpResponse<String> answer = served.send("GET", "/api/v1/audit?before=" + before, null);
    assertEquals(400, answer.statusCode());
    assertTrue(answer.body().contains("seq of a line"), answer.body());
  }
}
