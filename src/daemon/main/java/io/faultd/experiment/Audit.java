package io.faultd.experiment;

import io.faultd.fault.FaultException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who did what on this node: one line per change of state, written with the change. */
@FunctionalInterface
public interface Audit {
  /** The years 1 to 9999, as RFC 3339 and protobuf have them. */
  Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

  Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999999Z");

  /**
   * An instant that lines can be asked for since.
   *
   * @throws FaultException ILLEGAL_PARAMETER
   */
  static Instant since(Instant said) {
    if (said.isBefore(EARLIEST) || said.isAfter(LATEST)) {
      throw FaultException.illegal("since", "must be of the years 1 to 9999");
    }
    return said;
  }

  /**
   * Lines, newest first.
   *
   * @param uid of one experiment or preparation; absent: of all
   * @param since not older than this
   * @param before with smaller numbers: new lines come at the front, so that an offset would move
   * @param limit how many at the most
   */
  List<AuditLine> lines(@Nullable String uid, Instant since, long before, int limit);

  /** The same, from the newest on. */
  default List<AuditLine> lines(@Nullable String uid, Instant since, int limit) {
    return lines(uid, since, Long.MAX_VALUE, limit);
  }
}
