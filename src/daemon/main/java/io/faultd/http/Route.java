package io.faultd.http;

import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;
import java.util.Set;

/**
 * One entry of the interface.
 *
 * @param method its method
 * @param path its path, as Helidon matches it
 * @param query the query parameters that it knows
 * @param handler what answers
 */
record Route(Method method, String path, Set<String> query, Handler handler) {
  static final String API = "/api/v1";
}
