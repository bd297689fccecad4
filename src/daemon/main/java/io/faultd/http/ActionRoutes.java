package io.faultd.http;

import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** What can be done here. */
final class ActionRoutes {
  private final Supplier<Backend> backend;

  ActionRoutes(Supplier<Backend> backend) {
    this.backend = backend;
  }

  List<Route> routes() {
    return List.of(new Route(Method.GET, Route.API + "/actions", Set.of(), this::actions));
  }

  private void actions(ServerRequest req, ServerResponse res) {
    Documents.send(res, Documents.actions(backend.get().actions().get()));
  }
}
