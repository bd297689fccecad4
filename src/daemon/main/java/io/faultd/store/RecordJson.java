package io.faultd.store;

import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.spi.JsonProvider;
import java.io.StringReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.DateTimeException;
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
  // found once: the static methods of Json look through the whole class path at each call
  static final JsonProvider JSON = JsonProvider.provider();

  private static final ClassValue<Form> FORMS =
      new ClassValue<>() {
        @Override
        protected Form computeValue(Class<?> type) {
          return Form.of(type);
        }
      };

  /**
   * How a record is taken apart and put together; kept, because the JDK makes both anew each time.
   */
  private record Form(List<RecordComponent> components, Constructor<?> constructor) {
    static Form of(Class<?> type) {
      List<RecordComponent> components = List.of(type.getRecordComponents());
      components.forEach(component -> component.getAccessor().setAccessible(true));
      try {
        Constructor<?> constructor =
            type.getDeclaredConstructor(
                components.stream().map(RecordComponent::getType).toArray(Class<?>[]::new));
        constructor.setAccessible(true);
        return new Form(components, constructor);
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(e);
      }
    }
  }

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
    try (var reader = JSON.createReader(new StringReader(text))) {
      return type.cast(record(type, reader.readObject()));
    } catch (JsonException | ClassCastException | DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "not a " + type.getSimpleName() + ": " + e.getMessage(), e);
    }
  }

  private static JsonObject object(Record value) {
    JsonObjectBuilder json = JSON.createObjectBuilder();
    for (RecordComponent component : FORMS.get(value.getClass()).components()) {
      try {
        Object part = component.getAccessor().invoke(value);
        if (part != null && !(part instanceof Double number && !Double.isFinite(number))) {
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
      case Enum<?> name -> JSON.createValue(name.name());
      case Instant instant -> JSON.createValue(instant.toString());
      case String text -> JSON.createValue(text);
      case Integer number -> JSON.createValue(number);
      case Long number -> JSON.createValue(number);
      case Double number -> JSON.createValue(BigDecimal.valueOf(number));
      case Boolean truth -> truth ? JsonValue.TRUE : JsonValue.FALSE;
      case List<?> list -> {
        JsonArrayBuilder array = JSON.createArrayBuilder();
        list.forEach(each -> array.add(value(each)));
        yield array.build();
      }
      case Map<?, ?> map -> {
        JsonObjectBuilder object = JSON.createObjectBuilder();
        map.forEach((key, text) -> object.add((String) key, (String) text));
        yield object.build();
      }
      default -> throw new IllegalArgumentException("no wire form for " + part.getClass());
    };
  }

  private static Object record(Class<?> type, JsonObject json) {
    Form form = FORMS.get(type);
    @Nullable Object[] parts = new @Nullable Object[form.components().size()];
    for (int i = 0; i < parts.length; i++) {
      RecordComponent component = form.components().get(i);
      parts[i] = part(component.getGenericType(), json.get(component.getName()));
    }
    try {
      return form.constructor().newInstance(parts);
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
