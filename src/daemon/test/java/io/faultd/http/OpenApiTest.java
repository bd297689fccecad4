package io.faultd.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Reason;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class OpenApiTest {
  private static final Set<String> METHODS = Set.of("get", "post", "delete", "put", "patch");
  private static final Config DOCUMENT = Config.just(ConfigSources.classpath("openapi.yaml"));

  @Test
  void everyRouteIsInTheDocumentAndEveryPathIsServed() {
    try (Served served = new Served()) {
      Map<String, Set<String>> routes = new TreeMap<>();
      for (Route route : served.api.routes()) {
        routes.put(
            route.method().text().toLowerCase(java.util.Locale.ROOT) + " " + route.path(),
            new TreeSet<>(route.query()));
      }
      for (String path : List.of("/health", "/health/live", "/health/ready", "/metrics")) {
        routes.put("get " + path, Set.of());
      }
      assertEquals(routes, documented());
    }
  }

  @Test
  void theVocabularyOfReasonsIsComplete() {
    List<String> reasons =
        DOCUMENT.get("components.schemas.R.properties.reason.enum").asList(String.class).get();
    assertEquals(Arrays.stream(Reason.values()).map(Reason::name).toList(), reasons);
  }

  @Test
  void itIsServedAsYaml() throws Exception {
    try (Served served = new Served()) {
      HttpResponse<String> answer = served.send("GET", "/api/v1/openapi", null);
      assertEquals(200, answer.statusCode());
      assertEquals("application/yaml", answer.headers().firstValue("Content-Type").orElse(""));
      assertTrue(answer.body().startsWith("openapi: 3.1.0"));
    }
  }

  private static Map<String, Set<String>> documented() {
    Map<String, Set<String>> documented = new TreeMap<>();
    for (Config path : DOCUMENT.get("paths").asNodeList().get()) {
      for (Config operation : path.asNodeList().get()) {
        if (METHODS.contains(operation.name())) {
          documented.put(
              operation.name() + " " + Config.Key.unescapeName(path.name()), query(operation));
        }
      }
    }
    return documented;
  }

  private static Set<String> query(Config operation) {
    return operation.get("parameters").asNodeList().orElse(List.of()).stream()
        .filter(parameter -> parameter.get("in").asString().orElse("").equals("query"))
        .map(parameter -> parameter.get("name").asString().get())
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
