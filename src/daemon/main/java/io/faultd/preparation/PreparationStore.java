package io.faultd.preparation;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What of preparations survives the daemon. Each method is one transaction, durable when it
 * returns.
 *
 * <p>All throw {@link io.faultd.fault.FaultException} {@link
 * io.faultd.fault.Reason#STORE_UNAVAILABLE} when the data folder does not let them.
 */
public interface PreparationStore {
  /**
   * Adds a record.
   *
   * @param order fingerprint of the order
   */
  void add(Preparation preparation, String order);

  /** Writes a record anew. */
  void update(Preparation preparation);

  /** A record. */
  Optional<Kept> find(String uid);

  /** Records. */
  List<Preparation> list(PreparationQuery query);

  /** Deletes ended records that are older. */
  void prune(Instant before);

  /**
   * A record and the fingerprint of its order.
   *
   * @param preparation the record
   * @param order the fingerprint
   */
  record Kept(Preparation preparation, String order) {}
}
