package io.faultd.dispatch;

import java.util.Map;

/** What this node can do. */
@FunctionalInterface
public interface Probe {
  /** What the node lacks, by capability as in the key {@code needs} of specs; told to people. */
  Map<String, String> missing();

  /** The same as it is now, however short a time ago it was found out. */
  default Map<String, String> anew() {
    return missing();
  }
}
