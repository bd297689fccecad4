package io.faultd.http;

import io.faultd.spec.ActionSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.representer.Representer;

/** The description of this interface in OpenAPI. */
final class Description {
  private Description() {}

  /** As it is made with the build, for our own specs. */
  static byte[] own() {
    try (InputStream document = Description.class.getResourceAsStream("/openapi.yaml")) {
      return Objects.requireNonNull(document).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * With the actions that a node adds to these, or has in another form.
   *
   * @param planned those of them that no class does in this version
   */
  static byte[] with(Collection<ActionSpec> added, Set<ActionSpec> planned) {
    String text = new String(own(), StandardCharsets.UTF_8);
    LoaderOptions limits = new LoaderOptions();
    limits.setCodePointLimit(Integer.MAX_VALUE); // it is ours
    Map<String, Object> document = new Yaml(new SafeConstructor(limits)).load(text);
    Map<String, Object> components = map(document.get("components"));
    Map<String, Object> schemas = new TreeMap<>(map(components.get("schemas")));
    List<Object> orders = list(map(schemas.get("Order")).get("oneOf"));
    for (ActionSpec spec : added) {
      String name = OrderSchema.name(spec);
      if (schemas.put(name, OrderSchema.of(spec, planned.contains(spec))) == null) {
        orders.add(OrderSchema.reference(name));
      }
    }
    components.put("schemas", schemas);
    return written(document).getBytes(StandardCharsets.UTF_8);
  }

  private static String written(Map<String, Object> document) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setDereferenceAliases(true);
    return new Yaml(new Representer(options), options).dump(document);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(@Nullable Object node) {
    return (Map<String, Object>) Objects.requireNonNull(node);
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(@Nullable Object node) {
    return (List<Object>) Objects.requireNonNull(node);
  }
}
