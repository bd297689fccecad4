package io.faultd.http;

import io.faultd.dispatch.TargetView;
import io.faultd.fault.FaultException;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What can be aimed at. */
final class TargetRoutes {
  private final Supplier<Backend> backend;

  TargetRoutes(Supplier<Backend> backend) {
    this.backend = backend;
  }

  List<Route> routes() {
    return List.of(new Route(Method.GET, Route.API + "/targets", Set.of("kind"), this::targets));
  }

  private void targets(ServerRequest req, ServerResponse res) {
    TargetView.Kind kind = kind(new Parameters(req).text("kind"));
    Documents.send(res, PreparationDocuments.targets(backend.get().inventory().targets(kind)));
  }

  private static TargetView.@Nullable Kind kind(@Nullable String text) {
    return switch (text) {
      case null -> null;
      case "container" -> TargetView.Kind.CONTAINER;
      case "jvm" -> TargetView.Kind.JVM;
      default -> throw FaultException.illegal("kind", "must be container or jvm");
    };
  }
}
