package io.faultd.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.access.Access;
import io.faultd.access.Grant;
import io.faultd.access.PeerLookup;
import io.faultd.access.Role;
import io.faultd.experiment.Actor;
import io.faultd.experiment.Permit;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolesTest {
  private static final List<Grant> GRANTS =
      List.of(
          new Grant("dashboard", Grant.digest("see"), null, Role.VIEWER, Set.of(), Set.of()),
          new Grant(
              "ci", Grant.digest("do"), null, Role.OPERATOR, Set.of("host"), Set.of("cpu", "file")),
          new Grant("oncall", Grant.digest("all"), null, Role.ADMIN, Set.of(), Set.of()));

  /** A user of this node that is not root. */
  private static final PeerLookup USER =
      (client, server) -> Optional.of(new PeerLookup.Owner(1000, 4711));

  private final Served served =
      new Served(
          new Access(
              () -> GRANTS,
              Access.Certified.NONE,
              List.of("localhost", "127.0.0.1"),
              USER,
              Duration.ofSeconds(10)));

  @AfterEach
  void end() {
    served.close();
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/api/v1/info,200,200,200",
    "GET,/api/v1/actions,200,200,200",
    "GET,/api/v1/status?type=c,200,200,200",
    "GET,/metrics,200,200,200",
    "DELETE,/api/v1/experiments/absent,403,404,404",
    "DELETE,/api/v1/experiments,403,200,200",
    "DELETE,/api/v1/preparations/absent,403,404,404",
    "GET,/api/v1/audit,403,403,200"
  })
  void eachRoleMayDoWhatItIsFor(String method, String path, int viewer, int operator, int admin)
      throws Exception {
    assertEquals(viewer, status(method, path, "see"));
    assertEquals(operator, status(method, path, "do"));
    assertEquals(admin, status(method, path, "all"));
  }

  private int status(String method, String path, String token) throws Exception {
    HttpResponse<String> answer =
        served.send(method, path, null, "Authorization", "Bearer " + token);
    if (answer.statusCode() == 403) {
      assertEquals("FORBIDDEN", Served.json(answer).getString("reason"));
      assertEquals(43000, Served.json(answer).getInt("code"));
    }
    return answer.statusCode();
  }

  @Test
  void anOrderCarriesWhoGaveItAndWhatItMayBeAbout() throws Exception {
    assertEquals(403, served.create("{}", "Authorization", "Bearer see").statusCode());
    assertEquals(0, served.experiments.lastChange());
    assertEquals(201, served.create("{}", "Authorization", "Bearer do").statusCode());
    Permit permit = served.experiments.lastOrder().permit();
    Actor actor = permit.actor();
    assertEquals("ci", actor.name());
    assertTrue(actor.from().matches("127\\.0\\.0\\.1:\\d+"), actor.from());
    assertEquals(Set.of("cpu", "file"), permit.targets());
    assertEquals(Set.of("host"), permit.scopes());
    assertEquals(false, permit.protectedToo());
    assertEquals(201, served.create("{}", "Authorization", "Bearer all").statusCode());
    assertTrue(served.experiments.lastOrder().permit().protectedToo());
  }

  @Test
  void whoFailsTooOftenWaitsAndRootDoesNot() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertEquals(401, status("GET", "/api/v1/info", "guess" + i));
    }
    HttpResponse<String> barred =
        served.send("GET", "/api/v1/info", null, "Authorization", "Bearer guess");
    assertEquals(429, barred.statusCode());
    assertEquals("LIMIT", Served.json(barred).getString("reason"));
    int seconds = Integer.parseInt(barred.headers().firstValue("Retry-After").orElse("0"));
    assertTrue(seconds > 0 && seconds <= 61, "Retry-After: " + seconds);
    // else each try would tell whether it was right
    assertEquals(429, status("GET", "/api/v1/info", "all"));
    assertEquals(200, served.send("GET", "/health", null).statusCode());
    Access access =
        new Access(
            () -> GRANTS, Access.Certified.NONE, List.of(), Served.ROOT, Duration.ofSeconds(10));
    try (Served other = new Served(access)) {
      for (int i = 0; i < 20; i++) {
        assertEquals(
            401,
            other.send("GET", "/api/v1/info", null, "Authorization", "Bearer no").statusCode());
      }
      assertEquals(
          200, other.send("GET", "/api/v1/info", null, "Authorization", "Bearer all").statusCode());
    }
  }
}
