package io.faultd.experiment;

import io.faultd.fault.Base;
import io.faultd.fault.Claim;
import io.faultd.fault.Undo;
import io.faultd.rollback.Company;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What survives the daemon. Each method writes all or nothing, which is durable when it returns;
 * several that come at the same time may share a transaction.
 *
 * <p>All throw {@link io.faultd.fault.FaultException} {@link
 * io.faultd.fault.Reason#STORE_UNAVAILABLE} when the data folder does not let them; nothing has
 * then been written.
 *
 * <p>A record that cannot be read stays as it is, and hinders no other: something stands in for it
 * that has its uid and says so.
 */
public interface Store extends AutoCloseable {
  /** Names this data folder: 8 hexadecimal digits, part of every mark. */
  String instance();

  /** Why the data folder may be gone after a reboot (tmpfs, overlay); empty if it stays. */
  Optional<String> ephemeral();

  /**
   * Adds a record, as its first change.
   *
   * @param order fingerprint of the order
   * @param key idempotency key
   */
  Experiment add(Experiment experiment, String order, @Nullable String key);

  /**
   * Writes a record anew, as a change. What is kept back for the undo when the disk is full is not
   * spent on one that is in place.
   */
  Experiment update(Experiment experiment);

  /** Writes a record that has come to success, with what is known of its steps by now. */
  Experiment succeed(Experiment experiment, List<StoredStep> made, @Nullable Deadline deadline);

  /** Writes a record that has ended; marks steps undone and frees its claims. */
  Experiment close(Experiment experiment, List<Integer> undone);

  /**
   * Writes a record that is to be injected anew: marks the steps of its life until now undone, and
   * frees what that claimed, for the next may need other things.
   */
  Experiment again(Experiment experiment, List<Integer> undone);

  /** Announces steps; returns their numbers. */
  List<Integer> announce(Announcement announcement);

  /** Completes one step. */
  void made(StoredStep step);

  /** Completes one step, of which another one of the experiment is a part from now on. */
  void merged(StoredStep whole, int part);

  /** Marks steps undone. */
  void undone(String uid, List<Integer> steps);

  /** What a shared thing was before its first member, if it has members. */
  Optional<Base> base(String join);

  /** The members of a shared thing, in the order of their announcement. */
  List<Member> members(String join);

  /** A record and the fingerprint of its order. */
  Optional<Kept> find(String uid);

  /** Records: which is settled now, what they say is read some at a time. */
  Stream<Experiment> list(Query query);

  /** Changes after one, oldest first; fewer than the limit where they are large. */
  List<Change> changes(@Nullable String uid, long after, int limit);

  /** Number of the newest change; 0 before the first. */
  long lastChange();

  /**
   * Lets an idempotency key stand for an experiment that was there before it. Of the keys of one
   * experiment the newest 64 are kept, that which made it among them.
   *
   * @param now by the clock that the times of records are by
   */
  void remember(String key, String uid, String order, Instant now);

  /**
   * What an idempotency key stands for, if it is younger than a day.
   *
   * @param now by the clock by which things are forgotten, see {@link Calm}
   */
  Optional<Remembered> remembered(String key, Instant now);

  /** Forgets keys that are older than a day. */
  void forgetKeys(Instant now);

  /** Everything that has not ended, read one by one. */
  Stream<Unfinished> unfinished();

  /** Adds a line to the audit that belongs to no record; the log has it then, too. */
  void note(AuditLine line);

  /**
   * Deletes some ended records that are older, so that nobody waits long for the writer; returns
   * whether there may be more of them.
   */
  boolean prune(Instant before);

  @Override
  void close();

  /**
   * Steps to announce.
   *
   * @param uid of the experiment
   * @param bootId of this boot
   * @param steps in order
   * @param claims to write with them: those claimed since the last announcement
   * @param left members of these things that were taken back, to be marked so before the bases are
   *     written: the last of them takes the old one with it
   * @param bases of shared things that the experiment has joined since then, and nobody else is in
   */
  record Announcement(
      String uid,
      String bootId,
      List<? extends Undo> steps,
      List<Claim> claims,
      List<Member> left,
      Map<String, Base> bases) {}

  /**
   * A step that is, or was, part of a shared thing.
   *
   * @param uid of its experiment
   * @param number of the step
   * @param bootId the boot in which it was announced
   * @param member the step
   */
  record Member(String uid, int number, String bootId, Company.Member member) {}

  /**
   * A record and the fingerprint of its order.
   *
   * @param experiment the record
   * @param order the fingerprint
   * @param readable whether that is the record, and not what stands in for one that cannot be read
   */
  record Kept(Experiment experiment, String order, boolean readable) {}

  /**
   * What an idempotency key stands for.
   *
   * @param uid the experiment that it made, or was answered with
   * @param order the fingerprint of the order
   * @param existing whether the experiment was there before
   * @param answer the record as it was when the first answer was given; absent if none was
   */
  record Remembered(String uid, String order, boolean existing, @Nullable Experiment answer) {}
}
