package io.faultd.spec;

import io.faultd.fault.FaultException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns the flags of one action, as clients write them, into the fault's parameter record. */
public final class Binder {
  private final ActionSpec spec;
  private final SequencedMap<String, FlagSpec> flags;
  private final Constructor<? extends Record> constructor;
  private final List<Slot> slots;

  /**
   * A binder.
   *
   * @param constructor the record's canonical one
   * @param slots its components, in order
   */
  Binder(ActionSpec spec, Constructor<? extends Record> constructor, List<Slot> slots) {
    this.spec = spec;
    this.flags = new LinkedHashMap<>();
    spec.flags().forEach(flag -> flags.put(flag.name(), flag));
    this.constructor = constructor;
    this.slots = List.copyOf(slots);
  }

  /**
   * The parameters of the fault.
   *
   * @param given flags of the client; those that every action has are left to {@link CommonRules}
   * @throws FaultException MISSING_PARAMETER or ILLEGAL_PARAMETER, with the flag as its field
   */
  public Record bind(Map<String, String> given) {
    return bind(given, Set.of());
  }

  /**
   * The same.
   *
   * @param others flags that are read elsewhere, besides those that every action has
   */
  public Record bind(Map<String, String> given, Set<String> others) {
    Map<String, Object> values = new HashMap<>();
    for (Map.Entry<String, String> entry : given.entrySet()) {
      FlagSpec flag = flags.get(entry.getKey());
      if (flag != null) {
        values.put(flag.name(), Values.read(flag, entry.getValue()));
      } else if (!CommonRules.knows(entry.getKey()) && !others.contains(entry.getKey())) {
        throw unknown(entry.getKey(), others);
      }
    }
    for (FlagSpec flag : spec.flags()) {
      checkPresence(flag, values);
    }
    return build(values);
  }

  /** The way back of an order with these flags, which {@link #bind} took: exact or none. */
  public String undo(Map<String, String> given) {
    boolean gone =
        spec.flags().stream()
            .filter(flag -> flag.undo().equals("none"))
            .anyMatch(flag -> on(flag, given.get(flag.name())));
    return gone ? "none" : spec.undo();
  }

  private static boolean on(FlagSpec flag, @Nullable String text) {
    return text != null && !Boolean.FALSE.equals(Values.read(flag, text));
  }

  private FaultException unknown(String name, Set<String> others) {
    Values.checkText(name, name);
    List<String> names = new ArrayList<>(flags.keySet());
    names.addAll(CommonRules.names());
    names.addAll(others);
    String shown = Values.shown(name);
    return FaultException.illegal(
        shown,
        "%s %s has no such flag%s"
            .formatted(spec.target(), spec.action(), Names.hint(shown, names)));
  }

  private void checkPresence(FlagSpec flag, Map<String, Object> values) {
    boolean there = there(flag.name(), values);
    if (flag.required() && !values.containsKey(flag.name())) {
      throw FaultException.missing(flag.name(), "is required");
    }
    if (!flag.oneOf().isEmpty() && flag.oneOf().stream().noneMatch(f -> there(f, values))) {
      throw FaultException.missing(
          flag.name(), "one of " + String.join(", ", flag.oneOf()) + " is required");
    }
    if (!there) {
      return;
    }
    for (String other : flag.requires()) {
      if (!there(other, values)) {
        throw FaultException.missing(other, "is required with " + flag.name());
      }
    }
    for (String other : flag.excludes()) {
      if (there(other, values)) {
        throw FaultException.illegal(flag.name(), "cannot be used together with " + other);
      }
    }
  }

  /** A switch that is off is as good as absent. */
  private static boolean there(String name, Map<String, Object> values) {
    Object value = values.get(name);
    return value != null && !Boolean.FALSE.equals(value);
  }

  private Record build(Map<String, Object> values) {
    @Nullable Object[] arguments = new Object[slots.size()];
    for (int i = 0; i < arguments.length; i++) {
      Slot slot = slots.get(i);
      Object value = values.get(slot.flag().name());
      arguments[i] = value == null ? slot.absent() : slot.narrow(value);
    }
    try {
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException thrown) {
        throw thrown;
      }
      throw new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * One component of the record.
   *
   * @param flag where its value comes from
   * @param type its class
   * @param absent what it is without the flag
   */
  record Slot(FlagSpec flag, Class<?> type, @Nullable Object absent) {

    /** The value as the component's type wants it. */
    Object narrow(Object value) {
      if (!(value instanceof Long number) || type == long.class || type == Long.class) {
        return value;
      }
      if (number > Integer.MAX_VALUE || number < Integer.MIN_VALUE) {
        throw FaultException.illegal(
            flag.name(), "must be at most " + Integer.MAX_VALUE + ": " + number);
      }
      return number.intValue();
    }
  }
}
