package io.faultd.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import io.faultd.Reference;
import io.faultd.fault.Reason;
import io.faultd.spec.ActionSpec;
import io.faultd.spec.Specs;
import io.swagger.v3.core.util.Yaml31;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The description of the REST interface is true; that it is made anew is seen by ReadmeTest. */
class OpenApiTest {
  private static final Set<String> METHODS = Set.of("get", "post", "delete", "put", "patch");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNode DOCUMENT = document();
  private static final String AT = "http://faultd/openapi";
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(
          SpecVersion.VersionFlag.V202012,
          builder ->
              builder.schemaLoaders(loaders -> loaders.schemas(Map.of(AT, DOCUMENT.toString()))));
  private static final JsonSchema ORDER = schema("/components/schemas/Order");

  private static JsonNode document() {
    try (InputStream yaml = OpenApiTest.class.getResourceAsStream("/openapi.yaml")) {
      return Yaml31.mapper().readTree(Objects.requireNonNull(yaml));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonSchema schema(String pointer) {
    assertFalse(DOCUMENT.at(pointer).isMissingNode(), pointer);
    return SCHEMAS.getSchema(SchemaLocation.of(AT + "#" + pointer));
  }

  @Test
  void everyRouteIsInTheDocumentAndEveryPathIsServed() throws Exception {
    try (Served served = new Served()) {
      Map<String, Set<String>> routes = new TreeMap<>();
      for (Route route : served.api.routes()) {
        routes.put(
            route.method().text().toLowerCase(Locale.ROOT) + " " + route.path(),
            new TreeSet<>(route.query()));
      }
      for (String path : List.of("", "/live", "/ready", "/started")) {
        routes.put("get /health" + path, Set.of());
        assertEquals(200, served.send("GET", "/health" + path, null).statusCode());
      }
      routes.put("get /metrics", Set.of());
      assertEquals(routes, documented());
    }
  }

  @Test
  void theVocabularyOfReasonsIsComplete() {
    List<String> told =
        StreamSupport.stream(
                DOCUMENT.at("/components/schemas/R/properties/reason/enum").spliterator(), false)
            .map(JsonNode::asText)
            .toList();
    assertEquals(Arrays.stream(Reason.values()).map(Reason::name).toList(), told);
  }

  @Test
  void itIsServedAsYaml() throws Exception {
    try (Served served = new Served()) {
      HttpResponse<String> answer = served.send("GET", "/api/v1/openapi", null);
      assertEquals(200, answer.statusCode());
      assertEquals("application/yaml", answer.headers().firstValue("Content-Type").orElse(""));
      assertTrue(answer.body().contains("\nopenapi: 3.1.0\n"));
    }
  }

  static List<ActionSpec> actions() {
    return Specs.load(null).all();
  }

  @ParameterizedTest
  @MethodSource("actions")
  void theOrderOfTheReferenceFitsAndOneWithAFlagThatThereIsNotDoesNot(ActionSpec spec) {
    ObjectNode order = JSON.valueToTree(Reference.order(spec));
    assertEquals(Set.of(), ORDER.validate(order));
    ((ObjectNode) order.get("flags")).put("timeout", 30).put("nohup", true);
    assertEquals(Set.of(), ORDER.validate(order));
    ((ObjectNode) order.get("flags")).put("no-such-flag", "x");
    assertFalse(ORDER.validate(order).isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"target": "cpu", "action": "load", "flags": {"cpu-percent": 101}}
          {"target": "cpu", "action": "load", "flags": {"allow-oom": "maybe"}}
          {"target": "cpu", "action": "no-such-action"}
          {"target": "file", "action": "chmod", "flags": {"mark": "600"}}
          {"target": "file", "action": "chmod", "flags": {"filepath": "srv", "mark": "600"}}
          {"target": "cpu", "action": "load", "scope": "moon"}
          {"target": "cpu", "action": "load", "uid": "a/b"}
          {"target": "cpu", "action": "load", "labels": {"a=b": "c"}}
          {"target": "cpu", "action": "load", "timeout": 3}
          {"action": "load"}
          """)
  void whatIsRefusedFitsNoOrder(String body) throws Exception {
    assertFalse(ORDER.validate(JSON.readTree(body)).isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          POST   | /experiments         | {"target": "file", "action": "chmod"}                 | 201
          POST   | /experiments         | {"target": "file", "action": "chmod", "dryRun": true} | 200
          POST   | /experiments         | {"target": "file", "flags": []}                       | 400
          POST   | /experiments         | {}                                                    | 400
          GET    | /experiments/one     |                                                       | 200
          GET    | /experiments/none    |                                                       | 404
          DELETE | /experiments/one     |                                                       | 200
          DELETE | /experiments/none    |                                                       | 404
          DELETE | /experiments         |                                                       | 200
          POST   | /preparations        | {"type": "jvm", "pid": 12}                            | 201
          GET    | /preparations/none   |                                                       | 404
          GET    | /status?type=create  |                                                       | 200
          GET    | /status?uid=one      |                                                       | 200
          GET    | /status              |                                                       | 400
          GET    | /actions             |                                                       | 200
          GET    | /actions?x=y         |                                                       | 400
          GET    | /targets             |                                                       | 200
          GET    | /info                |                                                       | 200
          GET    | /audit               |                                                       | 200
          """)
  void answersAreAsDescribed(String method, String path, String body, int status) throws Exception {
    try (Served served = new Served()) {
      served.send(
          "POST",
          "/api/v1/experiments",
          "{\"uid\":\"one\",\"target\":\"file\",\"action\":\"chmod\",\"labels\":{\"a\":\"b\"}}");
      HttpResponse<String> answer = served.send(method, "/api/v1" + path, body);
      assertEquals(status, answer.statusCode(), answer.body());
      String route = "/api/v1" + path.replaceAll("\\?.*", "").replaceAll("/(one|none)$", "/{uid}");
      String operation =
          "/paths/" + route.replace("/", "~1") + "/" + method.toLowerCase(Locale.ROOT);
      String response = operation + "/responses/" + status;
      String shared = DOCUMENT.at(response + "/$ref").asText("#" + response).substring(1);
      JsonSchema schema = schema(shared + "/content/application~1json/schema");
      assertEquals(Set.of(), schema.validate(JSON.readTree(answer.body())), answer.body());
    }
  }

  @Test
  void noSchemaOfAnAnswerPassesAnything() throws JsonProcessingException {
    JsonNode foreign = JSON.readTree("{\"some\": \"thing\"}");
    for (String name : List.of("R", "E", "P", "Created", "Planned", "Action", "Info")) {
      assertFalse(schema("/components/schemas/" + name).validate(foreign).isEmpty(), name);
    }
  }

  private static Map<String, Set<String>> documented() {
    Map<String, Set<String>> documented = new TreeMap<>();
    DOCUMENT
        .get("paths")
        .properties()
        .forEach(path ->
            path.getValue().properties().stream()
                .filter(operation -> METHODS.contains(operation.getKey()))
                .forEach(operation ->
                    documented.put(
                        operation.getKey() + " " + path.getKey(), query(operation.getValue()))));
    return documented;
  }

  private static Set<String> query(JsonNode operation) {
    Set<String> query = new TreeSet<>();
    for (JsonNode parameter : operation.path("parameters")) {
      if (parameter.path("in").asText().equals("query")) {
        query.add(parameter.get("name").asText());
      }
    }
    return query;
  }
}
