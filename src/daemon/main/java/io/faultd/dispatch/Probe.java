package io.faultd.dispatch;

import java.util.Map;

/** What this node can do. */
@FunctionalInterface
public interface Probe {
  /** What the node lacks, by capability as in the key {@code needs} of specs; told to people. */
  Map<String, String> missing();
}
