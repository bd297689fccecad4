package io.faultd.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/** What the node is, and the description of this interface. */
final class InfoRoutes {
  private final Supplier<Backend> backend;

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
    try (InputStream document = InfoRoutes.class.getResourceAsStream("/openapi.yaml")) {
      res.header(HeaderNames.CONTENT_TYPE, "application/yaml");
      res.send(Objects.requireNonNull(document).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
