package io.faultd.preparation;

import io.faultd.experiment.Permit;
import java.util.List;
import java.util.Optional;

/** All preparations of this node: the one door through which every interface comes. */
public interface Preparations {
  /**
   * Prepares a JVM; one that is there for the same process is taken.
   *
   * @return the record, also of a failure that came after the record was made
   * @throws io.faultd.fault.FaultException for all that was refused before the record was made
   */
  Prepared create(PreparationOrder order);

  /**
   * Ends a preparation, its experiments first; may be called in every state and any number of
   * times.
   *
   * @param permit in whose name
   * @throws io.faultd.fault.FaultException UNKNOWN_UID, FORBIDDEN
   */
  Preparation revoke(String uid, Permit permit);

  /** The same in the daemon's own name. */
  default Preparation revoke(String uid) {
    return revoke(uid, Permit.OWN);
  }

  /** One record. */
  Optional<Preparation> get(String uid);

  /** Records, newest first unless asked otherwise. */
  List<Preparation> list(PreparationQuery query);
}
