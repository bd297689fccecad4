package io.faultd.dispatch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What of this node can be aimed at. */
@FunctionalInterface
public interface Inventory {
  /**
   * Looks anew.
   *
   * @param kind only these; absent: all
   */
  Seen targets(TargetView.@Nullable Kind kind);

  /**
   * What was seen.
   *
   * @param targets sorted by kind and id
   * @param warnings what could not be looked at, and why
   */
  record Seen(List<TargetView> targets, List<String> warnings) {}
}
