package io.faultd.preparation;

import io.faultd.fault.FaultException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of an order.
 *
 * @param preparation the record
 * @param kind whether it was made for this order
 * @param failure why it failed; absent: it did not
 * @param warnings for people
 */
public record Prepared(
    Preparation preparation, Kind kind, @Nullable FaultException failure, List<String> warnings) {

  /** Whether it was made for this order. */
  public enum Kind {
    /** It was. */
    NEW,
    /** It was there: it is that of the same JVM, or of the same uid. */
    EXISTING,
    /** It is being made. */
    ACCEPTED
  }
}
