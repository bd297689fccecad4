package io.faultd.os.network;

import io.faultd.spec.Specs;
import java.util.HashMap;
import java.util.Map;

/** Flags as clients write them, understood as the spec says. */
final class Flags {
  private static final Specs SPECS = Specs.load(null);

  private Flags() {}

  /** The parameters of an action of the network. */
  static <P extends Record> P bind(String action, Class<P> type, String... flags) {
    Map<String, String> texts = new HashMap<>();
    for (String flag : flags) {
      int equals = flag.indexOf('=');
      texts.put(flag.substring(0, equals), flag.substring(equals + 1));
    }
    return SPECS.entries().stream()
        .filter(entry -> entry.spec().target().equals("network"))
        .filter(entry -> entry.spec().action().equals(action))
        .map(entry -> type.cast(entry.binder().bind(texts)))
        .findFirst()
        .orElseThrow();
  }
}
