package io.faultd.experiment;

import io.faultd.fault.FaultException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All experiments of this node: the one door through which every interface comes.
 *
 * <p>Thread-safe; its methods are called on virtual threads that wait for owner threads.
 */
public interface Experiments {
  /** Whether recovery has made everything ready for orders. */
  boolean ready();

  /**
   * Injects.
   *
   * @param order what
   * @param waiting how the client waits
   * @return the record, also of a failure that came after the record was made
   * @throws io.faultd.fault.FaultException for all that was refused before the record was made
   */
  Created create(Order order, Waiting waiting);

  /** What {@link #create} would touch; changes and records nothing. */
  Plan plan(Order order);

  /**
   * Undoes; may be called in every state and any number of times. Waits 5 s at most.
   *
   * @param force give up what cannot be undone
   * @param permit in whose name
   * @throws io.faultd.fault.FaultException UNKNOWN_UID, FORBIDDEN
   */
  Destroyed destroy(String uid, boolean force, Permit permit);

  /** The same in the daemon's own name. */
  default Destroyed destroy(String uid, boolean force) {
    return destroy(uid, force, Permit.OWN);
  }

  /** Destroys all that is active, has all these labels and is covered; the outcome of each. */
  List<Destroyed> destroyAll(Map<String, String> labels, Permit permit);

  /** The same in the daemon's own name. */
  default List<Destroyed> destroyAll(Map<String, String> labels) {
    return destroyAll(labels, Permit.OWN);
  }

  /**
   * Looks for what an experiment without a record left on the node, and undoes it.
   *
   * @throws io.faultd.fault.FaultException UNKNOWN_UID if nothing was found
   */
  Swept sweep(String uid, Order order);

  /** One record. */
  Optional<Experiment> get(String uid);

  /** Those that have not ended: on their way, in place, or with residue. */
  List<Experiment> unended();

  /**
   * Records, newest first unless asked otherwise. Which is settled now; what they say is read some
   * at a time as the stream is, so that a list may be larger than the heap. Needs no closing.
   */
  Stream<Experiment> list(Query query);

  /**
   * The next changes, waiting for one if there is none yet.
   *
   * @param uid of one experiment; absent: of all
   * @param after changes with greater numbers
   * @param limit how many at the most; fewer where they are large
   * @param wait how long to wait for the first; empty answer after that
   */
  List<Change> changes(@Nullable String uid, long after, int limit, Duration wait);

  /**
   * Whether a change of an experiment was its last: nothing more becomes of it unless somebody asks
   * for it. One that was lost has not ended while what is left of it is being undone.
   */
  boolean ended(String uid, long seq);

  /** Number of the newest change; 0 before the first. */
  long lastChange();

  /**
   * How a client waits.
   *
   * @param idempotencyKey under which the first answer is remembered for 24 hours
   * @param gaveUp becomes true when the client no longer waits: the injection is then rolled back
   * @param settle how long to wait for a settled effect after success; absent: not at all
   */
  record Waiting(
      @Nullable String idempotencyKey, BooleanSupplier gaveUp, @Nullable Duration settle) {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

    /**
     * Checks a key.
     *
     * @param field under which it was sent
     * @throws io.faultd.fault.FaultException ILLEGAL_PARAMETER
     */
    public static void checkKey(String field, String key) {
      if (!KEY.matcher(key).matches()) {
        throw FaultException.illegal(field, "must be 1 to 255 visible ASCII characters");
      }
    }
  }

  /**
   * What a sweep found.
   *
   * @param undone what was put back
   * @param unsure what may be ours and was not touched
   */
  record Swept(List<String> undone, List<String> unsure) {
    /** With more that is unsure. */
    Swept and(List<String> more) {
      return new Swept(undone, Stream.concat(unsure.stream(), more.stream()).toList());
    }
  }
}
