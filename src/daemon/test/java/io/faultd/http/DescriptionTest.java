package io.faultd.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.spec.ActionSpec;
import io.faultd.spec.Specs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The description of a node that has specs of its own. */
class DescriptionTest {
  @TempDir private Path folder;

  @SuppressWarnings("unchecked")
  private static Map<String, Object> read(String text) {
    return (Map<String, Object>) new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
  }

  private static Map<String, Object> own() {
    return read(new String(Description.own(), StandardCharsets.UTF_8));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> schemas(Map<String, Object> document) {
    return (Map<String, Object>) ((Map<String, Object>) document.get("components")).get("schemas");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object node) {
    return (Map<String, Object>) node;
  }

  @Test
  void anOrderIsDescribedInTheSameWayWhoeverSpecifiesIt() {
    Map<String, Object> schemas = schemas(own());
    Specs specs = Specs.load(null);
    for (ActionSpec spec : specs.all()) {
      Map<String, Object> described = map(schemas.get(OrderSchema.name(spec)));
      described.remove("examples"); // ours only, which are tried
      Map<String, Object> made = OrderSchema.of(spec, specs.planned().contains(spec));
      assertEquals(described, read(new Yaml().dump(made)), spec.target() + " " + spec.action());
    }
  }

  @Test
  void whatANodeAddsAndReplacesIsServed() throws Exception {
    String cpu =
        Files.readString(Path.of(System.getProperty("faultd.root"), "specs", "os", "cpu.yaml"));
    Files.writeString(
        folder.resolve("x.yaml"),
        cpu.replaceFirst("(?m)^    desc: .*$", "    desc: As this node calls it."));
    Files.writeString(
        folder.resolve("y.yaml"),
        cpu.replace("target: cpu", "target: moon").replace("action: fullload", "action: eclipse"));
    try (Served served = new Served(Specs.load(folder).added())) {
      String text = served.send("GET", "/api/v1/openapi", null).body();
      Map<String, Object> document = read(text);
      Map<String, Object> schemas = schemas(document);
      assertEquals(
          "As this node calls it.", map(schemas.get("CpuFullloadOrder")).get("description"));
      assertEquals("moon eclipse", map(schemas.get("MoonEclipseOrder")).get("title"));
      List<?> orders = (List<?>) map(schemas.get("Order")).get("oneOf");
      assertTrue(orders.contains(Map.of("$ref", OrderSchema.SCHEMAS + "MoonEclipseOrder")));
      assertEquals(orders.size(), Set.copyOf(orders).size(), "each once");
      assertEquals(text, served.send("GET", "/api/v1/openapi", null).body());
      // all else is as it was
      Map<String, Object> own = own();
      for (Map<String, Object> each : List.of(document, own)) {
        schemas(each).keySet().removeAll(Set.of("CpuFullloadOrder", "MoonEclipseOrder", "Order"));
      }
      assertEquals(own, document);
    }
  }

  @Test
  void aNodeWithoutSpecsOfItsOwnServesWhatWasBuilt() throws Exception {
    try (Served served = new Served()) {
      assertEquals(
          new String(Description.own(), StandardCharsets.UTF_8),
          served.send("GET", "/api/v1/openapi", null).body());
    }
  }
}
