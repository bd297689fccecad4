package io.faultd.http;

import io.faultd.Reference;
import io.faultd.spec.ActionSpec;
import io.faultd.spec.CommonRules;
import io.faultd.spec.ContainerRules;
import io.faultd.spec.FlagNames;
import io.faultd.spec.FlagSpec;
import io.faultd.spec.FlagType;
import io.faultd.spec.Specs;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.Schema;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The schema of an order: one for each action, with its flags. */
final class OrderSchemas {
  private static final String SCHEMAS = "#/components/schemas/";
  private static final String COMMON = "CommonFlags";
  private static final String CONTAINER = "ContainerFlags";

  private final Components components;

  OrderSchemas(Components components) {
    this.components = components;
  }

  void add(Specs specs) {
    Schema<Object> common = object(CommonRules.flags());
    CommonRules.ignored().forEach(name -> common.addProperty(name, ignored()));
    common.setDescription("Flags of every action.");
    components.addSchemas(COMMON, common);
    Schema<Object> container = object(ContainerRules.flags());
    container.setDescription("Flags that say which container.");
    components.addSchemas(CONTAINER, container);
    Set<ActionSpec> planned = Set.copyOf(specs.planned());
    Schema<Object> order = new JsonSchema();
    order.setDescription("One of the actions.");
    components.addSchemas("Order", order);
    for (ActionSpec spec : specs.all()) {
      String name = capital(spec.target()) + capital(spec.action()) + "Order";
      components.addSchemas(name, order(spec, planned.contains(spec)));
      order.addOneOfItem(reference(name));
    }
  }

  private static Schema<Object> order(ActionSpec spec, boolean planned) {
    Schema<Object> order = typed("object");
    order.setTitle(spec.target() + " " + spec.action());
    order.setDescription(spec.desc() + (planned ? " Not implemented in this version: 422." : ""));
    order.addProperty("scope", choice(scopes(spec)));
    order.addProperty("target", choice(named(spec.target(), spec.targetAliases())));
    order.addProperty("action", choice(named(spec.action(), spec.aliases())));
    order.addProperty("flags", flags(spec));
    order.addProperty("uid", reference("Uid"));
    order.addProperty("description", reference("Description"));
    order.addProperty("labels", reference("Labels"));
    order.addProperty("dryRun", typed("boolean", "string"));
    order.setAdditionalProperties(false);
    boolean bare = Reference.example(spec).isEmpty() && spec.scopes().contains("host");
    order.setRequired(bare ? List.of("target", "action") : List.of("target", "action", "flags"));
    order.addExtension("x-undo", spec.undo());
    order.addExtension("x-implemented", !planned);
    order.addExample(Reference.order(spec));
    return order;
  }

  private static List<String> scopes(ActionSpec spec) {
    Stream<String> scopes =
        spec.scopes().stream()
            .flatMap(scope -> scope.equals("cri") ? Stream.of("cri", "docker") : Stream.of(scope));
    return Stream.concat(Stream.of(""), scopes).toList();
  }

  private static Schema<Object> flags(ActionSpec spec) {
    Schema<Object> flags = object(spec.flags());
    flags.addAllOfItem(reference(COMMON));
    if (spec.scopes().contains("cri")) {
      flags.addAllOfItem(reference(CONTAINER));
    }
    flags.setUnevaluatedProperties(new JsonSchema().booleanSchemaValue(false));
    List<String> required =
        spec.flags().stream().filter(FlagSpec::required).map(FlagSpec::name).toList();
    flags.setRequired(required.isEmpty() ? null : required);
    Set<List<String>> groups =
        spec.flags().stream()
            .map(FlagSpec::oneOf)
            .filter(group -> !group.isEmpty())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    for (List<String> group : groups) {
      Schema<Object> any = new JsonSchema();
      group.forEach(name -> any.addAnyOfItem(needs(name)));
      flags.addAllOfItem(any);
    }
    return flags;
  }

  private static Schema<Object> needs(String name) {
    Schema<Object> needs = new JsonSchema();
    needs.setRequired(List.of(name));
    return needs;
  }

  private static Schema<Object> object(List<FlagSpec> flags) {
    Schema<Object> object = typed("object");
    flags.forEach(flag -> object.addProperty(flag.name(), value(flag)));
    return object;
  }

  private static Schema<Object> value(FlagSpec flag) {
    Schema<Object> value =
        switch (flag.type()) {
          case SWITCH -> of("", "true", "false", true, false);
          case INTEGER, NUMBER, DURATION, SIZE -> range(typed("number", "string"), flag);
          case NUMBERS, MODE, SIGNAL, TEXT, TEXTS -> typed("string", "number", "boolean");
          case PATH -> path();
        };
    if (!flag.values().isEmpty() && flag.type() != FlagType.TEXTS) {
      value.setEnum(values(flag));
    }
    value.setDescription(flag.desc());
    value.setDefault(flag.initial());
    extend(value, "x-type", FlagNames.of(flag.type()));
    extend(value, "x-unit", flag.unit());
    extend(value, "x-requires", flag.requires().isEmpty() ? null : flag.requires());
    extend(value, "x-excludes", flag.excludes().isEmpty() ? null : flag.excludes());
    return value;
  }

  /** Numbers may come as numbers or as text. */
  private static List<Object> values(FlagSpec flag) {
    List<Object> values = new ArrayList<>(flag.values());
    if (flag.type() == FlagType.INTEGER || flag.type() == FlagType.NUMBER) {
      flag.values().forEach(value -> values.add(new BigDecimal(value)));
    }
    return values;
  }

  private static void extend(Schema<Object> schema, String name, @Nullable Object value) {
    if (value != null) {
      schema.addExtension(name, value);
    }
  }

  /** Bounds a number; what is text may have another unit. */
  private static Schema<Object> range(Schema<Object> value, FlagSpec flag) {
    value.setMinimum(whole(flag.min()));
    value.setMaximum(whole(flag.max()));
    return value;
  }

  private static @Nullable BigDecimal whole(@Nullable Double number) {
    return number == null
        ? null
        : new BigDecimal(BigDecimal.valueOf(number).stripTrailingZeros().toPlainString());
  }

  private static Schema<Object> path() {
    Schema<Object> path = typed("string");
    path.setPattern("^/");
    return path;
  }

  private static Schema<Object> ignored() {
    Schema<Object> flag = typed("string", "number", "boolean");
    flag.setDeprecated(true);
    flag.setDescription("Has no meaning here; ignored with a warning.");
    return flag;
  }

  private static List<String> named(String name, List<String> aliases) {
    return Stream.concat(Stream.of(name), aliases.stream()).toList();
  }

  private static Schema<Object> choice(List<String> values) {
    return of(values.toArray());
  }

  private static Schema<Object> of(Object... values) {
    Schema<Object> choice = new JsonSchema();
    choice.setEnum(List.of(values));
    return choice;
  }

  private static Schema<Object> typed(String... types) {
    JsonSchema schema = new JsonSchema();
    for (String type : types) {
      schema.addType(type);
    }
    return schema;
  }

  private static Schema<Object> reference(String name) {
    Schema<Object> reference = new JsonSchema();
    reference.set$ref(SCHEMAS + name);
    return reference;
  }

  private static String capital(String name) {
    return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }
}
