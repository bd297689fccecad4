package io.faultd.http;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.helidon.http.Method;
import java.util.List;
import java.util.Set;

/** Paths of the interface that this version does not serve yet, and says so. */
final class LaterRoutes {
  private LaterRoutes() {}

  static List<Route> routes() {
    return List.of(later(Method.GET, "/audit", Set.of("uid", "since", "limit")));
  }

  private static Route later(Method method, String path, Set<String> query) {
    return new Route(
        method,
        Route.API + path,
        query,
        (req, res) -> {
          throw new FaultException(
              Reason.UNSUPPORTED, path + ": this version of faultd does not have it yet");
        });
  }
}
