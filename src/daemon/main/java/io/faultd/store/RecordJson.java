package io.faultd.store;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records as JSON objects and back: a component is a key, and null is no key.
 *
 * <p>Knows records, enums, text, numbers, booleans, instants, lists and maps of text. Unknown keys
 * are passed over, absent ones read as null, 0, false or empty, so that components may be added.
 */
final class RecordJson {
  private RecordJson() {}

  static String write(Record value) {
    return object(value).toString();
  }

  /**
   * Reads a record.
   *
   * @throws IllegalArgumentException if the text is no such record
   */
  static <T extends Record> T read(Class<T> type, String text) {
    try (var reader = Json.createReader(new StringReader(text))) {
      return type.cast(record(type, reader.readObject()));
    } catch (JsonException | ClassCastException e) {
      throw new IllegalArgumentException(
          "not a " + type.getSimpleName() + ": " + e.getMessage(), e);
    }
  }

  private static JsonObject object(Record value) {
    JsonObjectBuilder json = Json.createObjectBuilder();
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      try {
        component.getAccessor().setAccessible(true);
        Object part = component.getAccessor().invoke(value);
        if (part != null) {
          json.add(component.getName(), value(part));
        }
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException(e);
      }
    }
    return json.build();
  }

  private static JsonValue value(Object part) {
    return switch (part) {
      case Record inner -> object(inner);
      case Enum<?> name -> Json.createValue(name.name());
      case Instant instant -> Json.createValue(instant.toString());
      case String text -> Json.createValue(text);
      case Integer number -> Json.createValue(number);
      case Long number -> Json.createValue(number);
      case Double number -> Json.createValue(BigDecimal.valueOf(number));
      case Boolean truth -> truth ? JsonValue.TRUE : JsonValue.FALSE;
      case List<?> list -> {
        JsonArrayBuilder array = Json.createArrayBuilder();
        list.forEach(each -> array.add(value(each)));
        yield array.build();
      }
      case Map<?, ?> map -> {
        JsonObjectBuilder object = Json.createObjectBuilder();
        map.forEach((key, text) -> object.add((String) key, (String) text));
        yield object.build();
      }
      default -> throw new IllegalArgumentException("no wire form for " + part.getClass());
    };
  }

  private static Object record(Class<?> type, JsonObject json) {
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] parts = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      parts[i] = part(components[i].getGenericType(), json.get(components[i].getName()));
    }
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(parts);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("not a " + type.getSimpleName(), e);
    }
  }

  private static @Nullable Object part(Type type, @Nullable JsonValue json) {
    if (json == null || json.getValueType() == JsonValue.ValueType.NULL) {
      return absent(type);
    }
    if (type instanceof ParameterizedType generic) {
      return generic.getRawType() == List.class
          ? list(generic.getActualTypeArguments()[0], json)
          : map(json);
    }
    return scalar((Class<?>) type, json);
  }

  private static @Nullable Object absent(Type type) {
    if (type instanceof ParameterizedType generic) {
      return generic.getRawType() == List.class ? List.of() : Map.of();
    }
    return switch (((Class<?>) type).getName()) {
      case "int" -> 0;
      case "long" -> 0L;
      case "double" -> 0.0;
      case "boolean" -> false;
      default -> null;
    };
  }

  private static List<Object> list(Type element, JsonValue json) {
    List<Object> list = new ArrayList<>();
    for (JsonValue each : json.asJsonArray()) {
      Object part = part(element, each);
      if (part != null) {
        list.add(part);
      }
    }
    return List.copyOf(list);
  }

  private static Map<String, String> map(JsonValue json) {
    Map<String, String> map = new LinkedHashMap<>();
    json.asJsonObject().forEach((key, text) -> map.put(key, ((JsonString) text).getString()));
    return Collections.unmodifiableMap(map);
  }

  private static Object scalar(Class<?> type, JsonValue json) {
    if (type.isRecord()) {
      return record(type, json.asJsonObject());
    }
    if (type.isEnum()) {
      String name = ((JsonString) json).getString();
      return Arrays.stream(type.getEnumConstants())
          .filter(constant -> ((Enum<?>) constant).name().equals(name))
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("no " + type.getSimpleName() + " " + name));
    }
    return switch (type.getName()) {
      case "int", "java.lang.Integer" -> ((JsonNumber) json).intValueExact();
      case "long", "java.lang.Long" -> ((JsonNumber) json).longValueExact();
      case "double", "java.lang.Double" -> ((JsonNumber) json).doubleValue();
      case "boolean", "java.lang.Boolean" -> json.getValueType() == JsonValue.ValueType.TRUE;
      case "java.lang.String" -> ((JsonString) json).getString();
      case "java.time.Instant" -> Instant.parse(((JsonString) json).getString());
      default -> throw new IllegalArgumentException("no wire form for " + type);
    };
  }
}
