package io.faultd.http;

import io.faultd.spec.Specs;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the node is, and the description of this interface. */
final class InfoRoutes {
  private final Supplier<Backend> backend;
  private byte @Nullable [] made;

  InfoRoutes(Supplier<Backend> backend) {
    this.backend = backend;
  }

  List<Route> routes() {
    return List.of(
        new Route(Method.GET, Route.API + "/info", Set.of(), this::info),
        new Route(Method.GET, Route.API + "/openapi", Set.of(), this::openapi));
  }

  private void info(ServerRequest req, ServerResponse res) {
    Documents.send(res, Documents.info(backend.get().info().get()));
  }

  private void openapi(ServerRequest req, ServerResponse res) {
    res.header(HeaderNames.CONTENT_TYPE, "application/yaml");
    res.send(description());
  }

  /** Where a node has specs of its own it is made once, when it is asked for. */
  private synchronized byte[] description() {
    Specs.Added added = backend.get().added();
    if (added.all().isEmpty()) {
      return Description.own();
    }
    byte[] present = made;
    if (present == null) {
      present = Description.with(added.all(), added.planned());
      made = present;
    }
    return present;
  }
}
