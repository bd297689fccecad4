package io.faultd.store;

import io.faultd.fault.Base;
import io.faultd.fault.Undo;
import io.faultd.fault.Wire;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Steps and bases as they are on disk: kind, version and JSON; additive for ever.
 *
 * @param kind see {@link Wire#kind}
 * @param version see {@link Wire#version}
 * @param body the record
 */
record WireForm(String kind, int version, String body) {
  private static final Map<String, Class<? extends Record>> KINDS =
      Stream.of(Undo.class, Base.class)
          .flatMap(sealed -> Arrays.stream(sealed.getPermittedSubclasses()))
          .map(type -> type.<Record>asSubclass(Record.class))
          .collect(Collectors.toUnmodifiableMap(type -> wire(type).kind(), type -> type));

  static WireForm of(Undo step) {
    return of((Record) step);
  }

  static WireForm of(Base base) {
    return of((Record) base);
  }

  private static WireForm of(Record record) {
    Wire wire = wire(record.getClass());
    return new WireForm(wire.kind(), wire.version(), RecordJson.write(record));
  }

  /** The step; empty if a newer program wrote it, or something else did. */
  Optional<Undo> undo() {
    return record().filter(Undo.class::isInstance).map(Undo.class::cast);
  }

  /** The base; empty if a newer program wrote it. */
  Optional<Base> base() {
    return record().filter(Base.class::isInstance).map(Base.class::cast);
  }

  private Optional<Record> record() {
    Class<? extends Record> type = KINDS.get(kind);
    if (type == null || wire(type).version() < version) {
      return Optional.empty();
    }
    try {
      return Optional.of(RecordJson.read(type, body));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Wire wire(Class<?> type) {
    Wire wire = type.getAnnotation(Wire.class);
    if (wire == null) {
      throw new IllegalStateException(type + " has no @Wire, so it has no name on disk");
    }
    return wire;
  }
}
