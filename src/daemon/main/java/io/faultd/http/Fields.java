package io.faultd.http;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.spec.Names;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The keys of a body, read strictly: each has its type, and there are no others. */
final class Fields {
  /** Beyond these a number is no setting of anything, only long to write out. */
  private static final int DIGITS = 40;

  private final JsonObject object;

  Fields(JsonObject object) {
    this.object = object;
  }

  /** Refuses all keys but these. */
  void only(Collection<String> known) {
    for (String key : object.keySet()) {
      if (!known.contains(key)) {
        String name = Names.shown(key);
        throw new FaultException(
            Reason.BAD_REQUEST,
            Reason.BAD_REQUEST.code(),
            name,
            name + ": no such key in this body" + Names.hint(key, known));
      }
    }
  }

  /** A text that must be there. */
  String needed(String key) {
    String text = text(key);
    if (text == null || text.isBlank()) {
      throw FaultException.missing(key, "is needed");
    }
    return text;
  }

  /** A text; absent if the key is. */
  @Nullable String text(String key) {
    JsonValue value = object.get(key);
    if (value == null) {
      return null;
    }
    if (value instanceof JsonString text) {
      return whole(key, text.getString());
    }
    throw FaultException.illegal(key, "must be a text");
  }

  /** A text, number or boolean, as text; absent if the key is. */
  @Nullable String scalar(String key) {
    JsonValue value = object.get(key);
    return value == null ? null : scalar(key, value);
  }

  /** A boolean, or its name as a text; false if absent. */
  boolean flag(String key) {
    JsonValue value = object.getOrDefault(key, JsonValue.FALSE);
    String text = value instanceof JsonString string ? string.getString() : value.toString();
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw FaultException.illegal(key, "must be true or false");
    };
  }

  /** An object of texts, numbers and booleans, as text; errors name {@code KEY.NAME}. */
  Map<String, String> scalars(String key) {
    Map<String, String> texts = new LinkedHashMap<>();
    JsonValue value = object.getOrDefault(key, JsonValue.EMPTY_JSON_OBJECT);
    if (!(value instanceof JsonObject map)) {
      throw FaultException.illegal(key, "must be an object");
    }
    map.forEach(
        (name, one) -> texts.put(whole(key, name), scalar(key + "." + Names.shown(name), one)));
    return texts;
  }

  private static String scalar(String field, JsonValue value) {
    return switch (value.getValueType()) {
      case STRING -> whole(field, ((JsonString) value).getString());
      case NUMBER -> number(field, ((JsonNumber) value).bigDecimalValue());
      case TRUE -> "true";
      case FALSE -> "false";
      case NULL, ARRAY, OBJECT ->
          throw FaultException.illegal(field, "must be a text, a number, true or false");
    };
  }

  private static String number(String field, BigDecimal number) {
    if (Math.abs((long) number.scale()) > DIGITS || number.precision() > DIGITS) {
      throw FaultException.illegal(field, "has too many digits");
    }
    return number.toPlainString();
  }

  private static String whole(String field, String text) {
    // half of a surrogate pair would become a question mark on disk and in file names
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw FaultException.illegal(field, "is not Unicode: it has half of a surrogate pair");
    }
    return text;
  }
}
