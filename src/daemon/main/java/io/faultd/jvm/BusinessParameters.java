package io.faultd.jvm;

import io.faultd.fault.FaultException;
import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.util.List;
import java.util.Locale;

/**
 * Headers of a request, as clients write them: {@code {"pattern": "and", "params": [{"key": "user",
 * "value": "7"}]}}.
 */
final class BusinessParameters {
  private static final List<String> PATTERNS = List.of("and", "or", "not");

  private BusinessParameters() {}

  /**
   * Checks them.
   *
   * @return the same in the one way in which agents read it
   */
  static String checked(String text) {
    try (JsonReader reader = Json.createReader(new StringReader(text))) {
      JsonObject all = reader.readObject();
      String pattern = all.getString("pattern", "and").toLowerCase(Locale.ROOT);
      List<JsonValue> params = all.getJsonArray("params");
      if (PATTERNS.contains(pattern) && params != null && !params.isEmpty()) {
        var same = Json.createArrayBuilder();
        for (JsonValue each : params) {
          JsonObject one = each.asJsonObject();
          same.add(
              Json.createObjectBuilder()
                  .add("key", text(one, "key"))
                  .add("value", text(one, "value")));
        }
        return Json.createObjectBuilder()
            .add("pattern", pattern)
            .add("params", same)
            .build()
            .toString();
      }
    } catch (JsonException | ClassCastException e) {
      throw wrong();
    }
    throw wrong();
  }

  private static String text(JsonObject one, String key) {
    if (one.get(key) instanceof JsonString value && !value.getString().isEmpty()) {
      return value.getString();
    }
    throw wrong();
  }

  private static FaultException wrong() {
    return FaultException.illegal(
        "b-params",
        "must be like {\"pattern\": \"and\", \"params\": [{\"key\": \"user\", \"value\": \"7\"}]},"
            + " the pattern one of and, or, not");
  }
}
