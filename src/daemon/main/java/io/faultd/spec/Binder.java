package io.faultd.spec;

import io.faultd.fault.FaultException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns the flags of one action, as clients write them, into the fault's parameter record. */
public final class Binder {
  private final ActionSpec spec;
  private final FlagReader reader;
  private final Shape shape;

  /**
   * A binder.
   *
   * @param shape of the record
   */
  Binder(ActionSpec spec, Shape shape) {
    this.spec = spec;
    this.reader = new FlagReader(spec);
    this.shape = shape;
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
    return shape.of(reader.read(given, others));
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

  /** What becomes of flags that were read, by their names. */
  sealed interface Part {
    /** Makes it. */
    @Nullable Object of(Map<String, Object> values);
  }

  /**
   * A record of them.
   *
   * @param constructor its canonical one
   * @param parts its components, in order
   */
  record Shape(Constructor<? extends Record> constructor, List<Part> parts) implements Part {
    Shape {
      parts = List.copyOf(parts);
    }

    @Override
    public Record of(Map<String, Object> values) {
      @Nullable Object[] arguments = parts.stream().map(part -> part.of(values)).toArray();
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
  }

  /**
   * One of them.
   *
   * @param flag where its value comes from
   * @param type its class
   * @param absent what it is without the flag
   */
  record Slot(FlagSpec flag, Class<?> type, @Nullable Object absent) implements Part {
    @Override
    public @Nullable Object of(Map<String, Object> values) {
      Object value = values.get(flag.name());
      return value == null ? absent : narrow(value);
    }

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
