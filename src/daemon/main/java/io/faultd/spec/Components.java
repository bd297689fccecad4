package io.faultd.spec;

import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Holds an action's spec against its fault: the class, and the components of its parameters. */
final class Components {
  private final String file;
  private final String key;

  /**
   * For messages.
   *
   * @param file the spec file
   * @param key the action in it
   */
  Components(String file, String key) {
    this.file = file;
    this.key = key;
  }

  /** The action with its fault's class and a binder; null if there is no such class. */
  Specs.@Nullable Entry entry(ActionSpec spec) {
    Class<? extends Fault<?>> fault = fault(spec.type());
    if (fault == null) {
      spec.flags().forEach(this::checkInitial);
      return null;
    }
    Class<? extends Record> params = params(fault);
    Map<String, FlagSpec> flags = new HashMap<>();
    spec.flags().forEach(flag -> flags.put(flag.component(), flag));
    List<String> names = leaves(params).map(RecordComponent::getName).toList();
    flags.forEach((name, flag) -> {
      if (!names.contains(name)) {
        throw wrong("flag %s has no component %s in %s", flag.name(), name, params.getName());
      }
    });
    return new Specs.Entry(spec, fault, new Binder(spec, shape(params, flags)));
  }

  /** The components that stand for flags; of one that is a record, its own. */
  private static Stream<RecordComponent> leaves(Class<?> record) {
    return Arrays.stream(record.getRecordComponents())
        .flatMap(each -> each.getType().isRecord() ? leaves(each.getType()) : Stream.of(each));
  }

  private Binder.Shape shape(Class<? extends Record> record, Map<String, FlagSpec> flags) {
    List<Binder.Part> parts = new ArrayList<>();
    for (RecordComponent component : record.getRecordComponents()) {
      FlagSpec flag = flags.get(component.getName());
      if (component.getType().isRecord()) {
        parts.add(shape(component.getType().asSubclass(Record.class), flags));
      } else if (flag == null) {
        throw wrong("no flag for component %s of %s", component.getName(), record.getName());
      } else {
        parts.add(slot(flag, component));
      }
    }
    Class<?>[] types =
        Arrays.stream(record.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<? extends Record> constructor = record.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return new Binder.Shape(constructor, parts);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("a record without canonical constructor", e);
    }
  }

  @SuppressWarnings("unchecked") // asked right before
  private @Nullable Class<? extends Fault<?>> fault(String name) {
    Class<?> type;
    try {
      type = Class.forName(name, false, Components.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      return null;
    } catch (LinkageError e) {
      throw wrong("class %s cannot be loaded: %s", name, e);
    }
    if (!Fault.class.isAssignableFrom(type) || Modifier.isAbstract(type.getModifiers())) {
      throw wrong("not a fault: %s", name);
    }
    if (Arrays.stream(type.getDeclaredConstructors()).noneMatch(c -> c.getParameterCount() == 0)) {
      throw wrong("no constructor without parameters: %s", name);
    }
    return (Class<? extends Fault<?>>) type;
  }

  private Class<? extends Record> params(Class<?> fault) {
    for (Type type : fault.getGenericInterfaces()) {
      if (type instanceof ParameterizedType parameterized
          && parameterized.getRawType() == Fault.class
          && parameterized.getActualTypeArguments()[0] instanceof Class<?> params
          && params.isRecord()) {
        return params.asSubclass(Record.class);
      }
    }
    throw wrong("must implement Fault of a record of its own: %s", fault.getName());
  }

  private Binder.Slot slot(FlagSpec flag, RecordComponent component) {
    boolean list = flag.type() == FlagType.TEXTS || flag.type() == FlagType.NUMBERS;
    boolean absentable =
        !flag.required() && flag.initial() == null && flag.type() != FlagType.SWITCH && !list;
    Class<?> type = component.getType();
    if (!types(flag.type()).contains(component.getGenericType().getTypeName())) {
      throw wrong(
          "flag %s is %s and needs %s, not %s",
          flag.name(),
          FlagNames.of(flag.type()),
          String.join(" or ", types(flag.type())),
          component.getGenericType().getTypeName());
    }
    boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    if (absentable && (type.isPrimitive() || !nullable)) {
      throw wrong(
          "flag %s may be absent: component %s must be @Nullable, and an object",
          flag.name(), component.getName());
    }
    Binder.Slot slot = new Binder.Slot(flag, type, null);
    if (flag.initial() != null) {
      return new Binder.Slot(flag, type, initial(slot, flag.initial()));
    }
    if (flag.type() == FlagType.SWITCH) {
      return new Binder.Slot(flag, type, false);
    }
    return list ? new Binder.Slot(flag, type, List.of()) : slot;
  }

  private void checkInitial(FlagSpec flag) {
    if (flag.initial() != null) {
      initial(flag, flag.initial());
    }
  }

  private Object initial(Binder.Slot slot, String text) {
    return slot.narrow(initial(slot.flag(), text));
  }

  private Object initial(FlagSpec flag, String text) {
    try {
      return Values.read(flag, text);
    } catch (FaultException e) {
      throw wrong("default of %s", String.valueOf(e.getMessage()));
    }
  }

  private static List<String> types(FlagType type) {
    return switch (type) {
      case TEXT, PATH -> List.of(String.class.getName());
      case SWITCH -> List.of("boolean");
      case INTEGER -> List.of("int", "long", Integer.class.getName(), Long.class.getName());
      case NUMBER -> List.of("double", Double.class.getName());
      case DURATION -> List.of(Duration.class.getName());
      case SIZE -> List.of("long", Long.class.getName());
      case MODE, SIGNAL -> List.of("int", Integer.class.getName());
      case TEXTS -> List.of("java.util.List<java.lang.String>");
      case NUMBERS -> List.of("java.util.List<java.lang.Integer>");
    };
  }

  private SpecException wrong(String message, Object... parts) {
    return new SpecException(file, key, message.formatted(parts));
  }
}
