package io.faultd.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.faultd.Reference;
import io.faultd.access.Access;
import io.faultd.access.Role;
import io.faultd.fault.Reason;
import io.faultd.spec.ActionSpec;
import io.faultd.spec.CommonRules;
import io.faultd.spec.ContainerRules;
import io.faultd.spec.Specs;
import io.swagger.v3.core.util.Yaml31;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes openapi.yaml: an outline, which says what no code says, filled in with the failures and
 * roles of the routes, the reasons, and the orders that the specs allow.
 */
public final class OpenApi {
  private static final String GENERATED =
      "# made from routes and specs by ReadmeTest; -Dfaultd.write=true writes it anew\n";

  /** Statuses of requests that cannot be read or come to nothing. */
  private static final Set<Integer> UNREADABLE = Set.of(400, 404, 413, 415, 421);

  private final OpenAPI document;

  private OpenApi(OpenAPI document) {
    this.document = document;
  }

  /** The document, as it must be. */
  public static String text(Specs specs) {
    try (InputStream outline = OpenApi.class.getResourceAsStream("/openapi/outline.yaml")) {
      byte[] bytes = Objects.requireNonNull(outline).readAllBytes();
      String text = new String(bytes, StandardCharsets.UTF_8);
      OpenApi made = new OpenApi(Yaml31.mapper().readValue(text, OpenAPI.class));
      made.reasons();
      made.operations();
      made.orders(specs);
      return GENERATED + Yaml31.pretty().writeValueAsString(made.document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void orders(Specs specs) {
    Schema<?> common = schema(OrderSchema.object(CommonRules.flags()));
    CommonRules.ignored().forEach(name -> common.addProperty(name, ignored()));
    common.setDescription("Flags of every action.");
    Schema<?> container = schema(OrderSchema.object(ContainerRules.flags()));
    container.setDescription("Flags that say which container.");
    Schema<?> order = new JsonSchema();
    order.setDescription("One of the actions.");
    document
        .getComponents()
        .addSchemas("CommonFlags", common)
        .addSchemas("ContainerFlags", container)
        .addSchemas("Order", order);
    for (ActionSpec spec : specs.all()) {
      Schema<Object> one = schema(OrderSchema.of(spec, specs.planned().contains(spec)));
      one.addExample(Reference.order(spec));
      String name = OrderSchema.name(spec);
      document.getComponents().addSchemas(name, one);
      order.addOneOfItem(schema(OrderSchema.reference(name)));
    }
  }

  @SuppressWarnings("unchecked")
  private static Schema<Object> schema(Map<String, Object> described) {
    return Yaml31.mapper().convertValue(described, Schema.class);
  }

  private static Schema<Object> ignored() {
    return schema(
        Map.of(
            "type",
            List.of("string", "number", "boolean"),
            "deprecated",
            true,
            "description",
            "Has no meaning here; ignored with a warning."));
  }

  private void reasons() {
    List<Object> all = new ArrayList<>();
    Map<Integer, SortedSet<Reason>> byStatus = new TreeMap<>();
    UNREADABLE.forEach(status -> byStatus.put(status, new TreeSet<>(Set.of(Reason.BAD_REQUEST))));
    for (Reason reason : Reason.values()) {
      all.add(reason.name());
      byStatus.computeIfAbsent(Errors.status(reason).code(), status -> new TreeSet<>()).add(reason);
    }
    property("R", "reason").setEnum(all);
    byStatus.forEach((status, reasons) ->
        document.getComponents().addResponses(failure(status), response(reasons)));
  }

  private static ApiResponse response(SortedSet<Reason> reasons) {
    List<Object> names = new ArrayList<>();
    List<String> told = new ArrayList<>();
    for (Reason reason : reasons) {
      names.add(reason.name());
      told.add(reason.name() + " (" + reason.code() + ")");
    }
    Schema<Object> reason = new JsonSchema();
    reason.setEnum(names);
    Schema<?> body = new JsonSchema();
    body.addAllOfItem(new JsonSchema().$ref("#/components/schemas/R"));
    body.addProperty("reason", reason);
    body.setRequired(List.of("reason", "error"));
    return new ApiResponse()
        .description(String.join(", ", told) + ".")
        .content(new Content().addMediaType(Documents.JSON, new MediaType().schema(body)));
  }

  @SuppressWarnings("unchecked")
  private Schema<Object> property(String schema, String name) {
    return (Schema<Object>)
        document.getComponents().getSchemas().get(schema).getProperties().get(name);
  }

  private void operations() {
    List<Route> routes =
        new HttpApi(
                new Access(null, List.of(), (client, server) -> Optional.empty()), Optional::empty)
            .routes();
    document
        .getPaths()
        .forEach((path, item) ->
            item.readOperationsMap()
                .forEach((method, operation) -> {
                  boolean open = operation.getSecurity() != null;
                  if (!open) {
                    Route route = route(routes, path, method);
                    Role role = route == null ? Role.VIEWER : route.role();
                    operation.addExtension("x-role", role.name().toLowerCase(Locale.ROOT));
                    failures(path, method, operation, role)
                        .forEach(status -> refer(operation, status));
                  }
                }));
  }

  private static @Nullable Route route(
      List<Route> routes, String path, PathItem.HttpMethod method) {
    return routes.stream()
        .filter(route -> route.path().equals(path) && route.method().text().equals(method.name()))
        .findFirst()
        .orElse(null);
  }

  private static SortedSet<Integer> failures(
      String path, PathItem.HttpMethod method, Operation operation, Role role) {
    SortedSet<Integer> failures = new TreeSet<>(Arrays.asList(400, 401, 421, 429, 500, 503));
    if (role != Role.VIEWER) {
      failures.add(403);
    }
    if (path.contains("{")) {
      failures.add(404);
    }
    if (operation.getRequestBody() != null) {
      failures.addAll(Arrays.asList(404, 413, 415, 422));
    }
    if (method == PathItem.HttpMethod.POST) {
      failures.add(409);
    }
    return failures;
  }

  private static void refer(Operation operation, int status) {
    ApiResponse response = new ApiResponse().$ref("#/components/responses/" + failure(status));
    operation.getResponses().addApiResponse(Integer.toString(status), response);
  }

  private static String failure(int status) {
    return "Failure" + status;
  }
}
