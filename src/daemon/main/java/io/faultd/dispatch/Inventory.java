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
   * @return sorted by kind and id
   */
  List<TargetView> targets(TargetView.@Nullable Kind kind);
}
