package io.faultd.http;

import io.faultd.access.Role;
import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;
import java.util.Set;

/**
 * One entry of the interface.
 *
 * @param method its method
 * @param path its path, as Helidon matches it
 * @param query the query parameters that it knows
 * @param role who may
 * @param handler what answers
 */
record Route(Method method, String path, Set<String> query, Role role, Handler handler) {
  static final String API = "/api/v1";

  /** One for everybody if it only looks, else for operators. */
  Route(Method method, String path, Set<String> query, Handler handler) {
    this(method, path, query, method.equals(Method.GET) ? Role.VIEWER : Role.OPERATOR, handler);
  }
}
