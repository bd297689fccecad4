package io.faultd.crash;

import io.faultd.experiment.AuditLine;
import io.faultd.experiment.Change;
import io.faultd.experiment.Deadline;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Query;
import io.faultd.experiment.Store;
import io.faultd.experiment.StoredStep;
import io.faultd.experiment.Unfinished;
import io.faultd.fault.Base;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store with an instant before and after each write, and one that can become unwritable.
 *
 * @param real does the work
 */
public record CuttingStore(Store real) implements Store {
  /** Whether writes are refused from now on. */
  public static volatile boolean readOnly;

  /** What happens right behind the next success, before its owner knows of it. */
  public static volatile @Nullable Runnable behindSuccess;

  private static <T> T cut(String what, Supplier<T> write) {
    Cuts.instant("before " + what);
    if (readOnly) {
      throw new FaultException(Reason.STORE_UNAVAILABLE, "attempt to write a readonly database");
    }
    T result = write.get();
    Cuts.instant("after " + what);
    return result;
  }

  @Override
  public String instance() {
    return real.instance();
  }

  @Override
  public Optional<String> ephemeral() {
    return real.ephemeral();
  }

  @Override
  public Experiment add(Experiment experiment, String order, @Nullable String key) {
    return cut("add", () -> real.add(experiment, order, key));
  }

  @Override
  public Experiment update(Experiment experiment) {
    return cut("update", () -> real.update(experiment));
  }

  @Override
  public Experiment succeed(
      Experiment experiment, List<StoredStep> made, @Nullable Deadline deadline) {
    Experiment success = cut("succeed", () -> real.succeed(experiment, made, deadline));
    Runnable behind = behindSuccess;
    if (behind != null) {
      behindSuccess = null;
      behind.run();
    }
    return success;
  }

  @Override
  public Experiment close(Experiment experiment, List<Integer> undone) {
    return cut("close", () -> real.close(experiment, undone));
  }

  @Override
  public Experiment again(Experiment experiment, List<Integer> undone) {
    return cut("again", () -> real.again(experiment, undone));
  }

  @Override
  public List<Integer> announce(Announcement announcement) {
    return cut("announce", () -> real.announce(announcement));
  }

  @Override
  public void made(StoredStep step) {
    cut(
        "made",
        () -> {
          real.made(step);
          return true;
        });
  }

  @Override
  public void merged(StoredStep whole, int part) {
    cut(
        "merged",
        () -> {
          real.merged(whole, part);
          return true;
        });
  }

  @Override
  public void undone(String uid, List<Integer> steps) {
    cut(
        "undone",
        () -> {
          real.undone(uid, steps);
          return true;
        });
  }

  @Override
  public Optional<Base> base(String join) {
    return real.base(join);
  }

  @Override
  public List<Member> members(String join) {
    if (Cuts.dead()) {
      throw new Cuts.Death();
    }
    return real.members(join);
  }

  @Override
  public Optional<Kept> find(String uid) {
    return real.find(uid);
  }

  @Override
  public Stream<Experiment> list(Query query) {
    return real.list(query);
  }

  @Override
  public List<Change> changes(@Nullable String uid, long after, int limit) {
    return real.changes(uid, after, limit);
  }

  @Override
  public long lastChange() {
    return real.lastChange();
  }

  @Override
  public void remember(String key, String uid, String order, java.time.Instant now) {
    real.remember(key, uid, order, now);
  }

  @Override
  public Optional<Remembered> remembered(String key, java.time.Instant now) {
    return real.remembered(key, now);
  }

  @Override
  public void forgetKeys(java.time.Instant now) {
    // its time is not ours to choose
  }

  @Override
  public Stream<Unfinished> unfinished() {
    return real.unfinished();
  }

  @Override
  public void note(AuditLine line) {
    real.note(line);
  }

  @Override
  public boolean prune(Instant before) {
    return false; // its time is not ours to choose
  }

  @Override
  public void close() {
    real.close();
  }
}
