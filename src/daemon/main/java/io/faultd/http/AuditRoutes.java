package io.faultd.http;

import io.faultd.access.Role;
import io.faultd.experiment.Audit;
import io.faultd.experiment.AuditLine;
import io.faultd.fault.FaultException;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Who did what. */
final class AuditRoutes {
  private static final int USUAL = 1_000;
  private static final int LARGEST = 10_000;

  private final Supplier<Backend> backend;

  AuditRoutes(Supplier<Backend> backend) {
    this.backend = backend;
  }

  List<Route> routes() {
    return List.of(
        new Route(
            Method.GET,
            Route.API + "/audit",
            Set.of("uid", "since", "before", "limit"),
            Role.ADMIN,
            this::audit));
  }

  private void audit(ServerRequest req, ServerResponse res) {
    Parameters parameters = new Parameters(req);
    String uid = parameters.text("uid");
    int limit = limit(parameters.text("limit"));
    List<AuditLine> lines =
        backend
            .get()
            .audit()
            .lines(
                uid == null ? null : Parameters.checkedUid(uid),
                since(parameters.text("since")),
                before(parameters.text("before")),
                limit + 1);
    JsonObject answer =
        Json.createObjectBuilder(Documents.success(null))
            .add("truncated", lines.size() > limit)
            .build();
    Documents.send(res, answer, lines.stream().limit(limit).map(AuditRoutes::line));
  }

  private static JsonObject line(AuditLine line) {
    return Json.createObjectBuilder()
        .add("seq", line.seq())
        .add("time", line.time().toString())
        .add("who", line.actor().name())
        .add("from", line.actor().from())
        .add("what", line.what())
        .add("uid", line.uid())
        .add("outcome", line.outcome())
        .add("error", line.error())
        .build();
  }

  /** An instant, or how long ago. */
  private static Instant since(@Nullable String text) {
    if (text == null) {
      return Instant.EPOCH;
    }
    try {
      return Audit.since(Instant.parse(text));
    } catch (DateTimeException e) {
      return ago(text);
    }
  }

  private static Instant ago(String text) {
    try {
      return Audit.since(Instant.now().minus(io.faultd.spec.Units.seconds(text)));
    } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
      throw FaultException.illegal(
          "since", "must be a time such as 2026-01-31T12:00:00Z, or how long ago such as 1h");
    }
  }

  /** The number of a line; those behind it are older. */
  private static long before(@Nullable String text) {
    if (text != null && !text.matches("[1-9]\\d{0,17}")) {
      throw FaultException.illegal("before", "must be the seq of a line");
    }
    return text == null ? Long.MAX_VALUE : Long.parseLong(text);
  }

  private static int limit(@Nullable String text) {
    int limit = text == null ? USUAL : text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
    if (limit < 1 || limit > LARGEST) {
      throw FaultException.illegal("limit", "must be a number from 1 to " + LARGEST);
    }
    return limit;
  }
}
