package io.faultd.experiment;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who did what on this node: one line per change of state, written with the change. */
@FunctionalInterface
public interface Audit {
  /**
   * Lines, newest first.
   *
   * @param uid of one experiment or preparation; absent: of all
   * @param since not older than this
   * @param limit how many at the most
   */
  List<AuditLine> lines(@Nullable String uid, Instant since, int limit);
}
