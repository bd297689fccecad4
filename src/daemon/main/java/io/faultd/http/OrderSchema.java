package io.faultd.http;

import io.faultd.spec.ActionSpec;
import io.faultd.spec.FlagNames;
import io.faultd.spec.FlagSpec;
import io.faultd.spec.FlagType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The schema of an order for one action, as the description of the interface has it. */
final class OrderSchema {
  static final String SCHEMAS = "#/components/schemas/";

  private OrderSchema() {}

  /** Under which name the description has it. */
  static String name(ActionSpec spec) {
    return capital(spec.target()) + capital(spec.action()) + "Order";
  }

  /**
   * What is described.
   *
   * @param planned whether no class does it in this version
   */
  static Map<String, Object> of(ActionSpec spec, boolean planned) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("scope", choice(scopes(spec)));
    properties.put("target", choice(named(spec.target(), spec.targetAliases())));
    properties.put("action", choice(named(spec.action(), spec.aliases())));
    properties.put("flags", flags(spec));
    properties.put("uid", reference("Uid"));
    properties.put("description", reference("Description"));
    properties.put("labels", reference("Labels"));
    properties.put("dryRun", typed("boolean", "string"));
    boolean bare =
        spec.scopes().contains("host")
            && spec.flags().stream().noneMatch(flag -> flag.required() || !flag.oneOf().isEmpty());
    Map<String, Object> order = new LinkedHashMap<>();
    order.put("type", "object");
    order.put("additionalProperties", false);
    order.put(
        "description", spec.desc() + (planned ? " Not implemented in this version: 422." : ""));
    order.put("properties", properties);
    order.put(
        "required", bare ? List.of("action", "target") : List.of("action", "flags", "target"));
    order.put("title", spec.target() + " " + spec.action());
    order.put("x-undo", spec.undo());
    order.put("x-implemented", !planned);
    return order;
  }

  private static List<String> scopes(ActionSpec spec) {
    Stream<String> scopes =
        spec.scopes().stream()
            .flatMap(scope -> scope.equals("cri") ? Stream.of("cri", "docker") : Stream.of(scope));
    return Stream.concat(Stream.of(""), scopes).toList();
  }

  private static Map<String, Object> flags(ActionSpec spec) {
    List<Object> all = new ArrayList<>(List.of(reference("CommonFlags")));
    if (spec.scopes().contains("cri")) {
      all.add(reference("ContainerFlags"));
    }
    Set<List<String>> groups = new LinkedHashSet<>();
    spec.flags().stream()
        .map(FlagSpec::oneOf)
        .filter(group -> !group.isEmpty())
        .forEach(groups::add);
    for (List<String> group : groups) {
      all.add(
          single("anyOf", group.stream().map(one -> single("required", List.of(one))).toList()));
    }
    Map<String, Object> flags = object(spec.flags());
    flags.put("allOf", all);
    List<String> required =
        spec.flags().stream().filter(FlagSpec::required).map(FlagSpec::name).sorted().toList();
    put(flags, "required", required.isEmpty() ? null : required);
    flags.put("unevaluatedProperties", false);
    return flags;
  }

  /** An object that has these. */
  static Map<String, Object> object(List<FlagSpec> flags) {
    Map<String, Object> properties = new LinkedHashMap<>();
    flags.forEach(flag -> properties.put(flag.name(), value(flag)));
    Map<String, Object> object = typed("object");
    put(object, "properties", properties.isEmpty() ? null : properties);
    return object;
  }

  private static Map<String, Object> value(FlagSpec flag) {
    Map<String, Object> value =
        switch (flag.type()) {
          case SWITCH -> choice(List.of("", "true", "false", true, false));
          case INTEGER, NUMBER, DURATION, SIZE -> typed("number", "string");
          case NUMBERS, MODE, SIGNAL, TEXT, TEXTS -> typed("string", "number", "boolean");
          case PATH -> typed("string");
        };
    if (flag.type() == FlagType.PATH) {
      value.put("pattern", "^/");
    }
    if (!flag.values().isEmpty() && flag.type() != FlagType.TEXTS) {
      value.put("enum", values(flag));
    }
    put(value, "default", flag.initial());
    value.put("description", flag.desc());
    if (isNumber(flag.type())) {
      put(value, "maximum", whole(flag.max()));
      put(value, "minimum", whole(flag.min()));
    }
    value.put("x-type", FlagNames.of(flag.type()));
    put(value, "x-unit", flag.unit());
    put(value, "x-requires", flag.requires().isEmpty() ? null : flag.requires());
    put(value, "x-excludes", flag.excludes().isEmpty() ? null : flag.excludes());
    return value;
  }

  /** What is text may have another unit: of that nothing is bounded. */
  private static boolean isNumber(FlagType type) {
    return switch (type) {
      case INTEGER, NUMBER, DURATION, SIZE -> true;
      case SWITCH, NUMBERS, MODE, SIGNAL, TEXT, TEXTS, PATH -> false;
    };
  }

  /** Numbers may come as numbers or as text. */
  private static List<Object> values(FlagSpec flag) {
    List<Object> values = new ArrayList<>(flag.values());
    if (flag.type() == FlagType.INTEGER || flag.type() == FlagType.NUMBER) {
      flag.values().forEach(value -> values.add(plain(new BigDecimal(value))));
    }
    return values;
  }

  private static @Nullable Number whole(@Nullable Double number) {
    return number == null ? null : plain(BigDecimal.valueOf(number));
  }

  /** As YAML writes it: whole numbers without a fraction. */
  private static Number plain(BigDecimal number) {
    BigDecimal shortest = number.stripTrailingZeros();
    return shortest.scale() <= 0 ? (Number) shortest.toBigInteger() : shortest.doubleValue();
  }

  private static void put(Map<String, Object> schema, String name, @Nullable Object value) {
    if (value != null) {
      schema.put(name, value);
    }
  }

  private static List<String> named(String name, List<String> aliases) {
    return Stream.concat(Stream.of(name), aliases.stream()).toList();
  }

  private static Map<String, Object> choice(List<?> values) {
    return single("enum", values);
  }

  private static Map<String, Object> typed(String... types) {
    return single("type", types.length == 1 ? types[0] : List.of(types));
  }

  static Map<String, Object> reference(String name) {
    return single("$ref", SCHEMAS + name);
  }

  private static Map<String, Object> single(String name, Object value) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put(name, value);
    return schema;
  }

  private static String capital(String name) {
    return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }
}
