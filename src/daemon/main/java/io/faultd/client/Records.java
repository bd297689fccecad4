package io.faultd.client;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.util.List;
import java.util.stream.Collectors;

/** What people want to know of the daemon's records. */
final class Records {
  private Records() {}

  static JsonObject object(JsonObject document, String key) {
    return document.get(key) instanceof JsonObject object ? object : JsonObject.EMPTY_JSON_OBJECT;
  }

  static List<JsonObject> objects(JsonObject document, String key) {
    return document.get(key) instanceof JsonArray array ? objects(array) : List.of();
  }

  static List<JsonObject> objects(JsonArray array) {
    return array.stream()
        .filter(JsonObject.class::isInstance)
        .map(JsonValue::asJsonObject)
        .toList();
  }

  static List<String> texts(JsonObject document, String key) {
    return document.get(key) instanceof JsonArray array
        ? array.stream().map(Records::text).toList()
        : List.of();
  }

  static String text(JsonObject document, String key) {
    JsonValue value = document.get(key);
    return value == null ? "" : text(value);
  }

  private static String text(JsonValue value) {
    return value instanceof JsonString string ? string.getString() : value.toString();
  }

  static String status(JsonObject experiment) {
    return text(experiment, "status");
  }

  /** Whether the fault is in place. */
  static boolean inPlace(JsonObject experiment) {
    return status(experiment).equals("Success");
  }

  static boolean settled(JsonObject experiment) {
    return inPlace(experiment) && text(object(experiment, "effect"), "state").equals("settled");
  }

  /** The target and the action, and where if not on the node. */
  static String name(JsonObject experiment) {
    String name = text(experiment, "target") + " " + text(experiment, "action");
    return text(experiment, "scope").equals("cri") ? name + " (cri)" : name;
  }

  /** As settled, or "degraded: 41.5 of 60 %". */
  static String effect(JsonObject experiment) {
    JsonObject effect = object(experiment, "effect");
    String text = text(effect, "state");
    if (effect.containsKey("asked") && effect.containsKey("achieved")) {
      text +=
          ": %s of %s %s"
              .formatted(text(effect, "achieved"), text(effect, "asked"), text(effect, "unit"));
    }
    String detail = text(effect, "detail");
    return detail.isEmpty() ? text.strip() : text.strip() + " (" + detail + ")";
  }

  static String flags(JsonObject experiment) {
    return object(experiment, "flags").entrySet().stream()
        .map(flag -> "--" + flag.getKey() + "=" + text(flag.getValue()))
        .collect(Collectors.joining(" "));
  }

  /** What could not be undone. */
  static List<String> residue(JsonObject document) {
    return objects(document, "residue").stream()
        .map(step -> text(step, "step") + ": " + text(step, "error"))
        .toList();
  }

  static List<String> warnings(JsonObject document) {
    return texts(document, "warnings");
  }
}
