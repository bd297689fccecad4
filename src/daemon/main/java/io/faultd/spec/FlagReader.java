package io.faultd.spec;

import io.faultd.fault.FaultException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/** Reads the flags of one action, and holds against each other what must and must not be there. */
final class FlagReader {
  private final ActionSpec spec;
  private final SequencedMap<String, FlagSpec> flags = new LinkedHashMap<>();

  FlagReader(ActionSpec spec) {
    this.spec = spec;
    spec.flags().forEach(flag -> flags.put(flag.name(), flag));
  }

  /**
   * The values of the flags that are there, by name.
   *
   * @param given flags of the client; those that every action has are left to {@link CommonRules}
   * @param others flags that are read elsewhere, besides those
   * @throws FaultException MISSING_PARAMETER or ILLEGAL_PARAMETER, with the flag as its field
   */
  Map<String, Object> read(Map<String, String> given, Set<String> others) {
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
    return values;
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
}
