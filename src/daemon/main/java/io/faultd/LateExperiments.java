package io.faultd;

import io.faultd.experiment.Change;
import io.faultd.experiment.Created;
import io.faultd.experiment.Destroyed;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Order;
import io.faultd.experiment.Permit;
import io.faultd.experiment.Plan;
import io.faultd.experiment.Query;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The experiments, for interfaces that listen before the store is open: not ready until then. */
final class LateExperiments implements Experiments {
  private volatile @Nullable Experiments present;

  void are(@Nullable Experiments experiments) {
    present = experiments;
  }

  private Experiments present() {
    Experiments now = present;
    if (now == null) {
      throw new FaultException(Reason.STORE_UNAVAILABLE, "faultd is starting or ending");
    }
    return now;
  }

  @Override
  public boolean ready() {
    Experiments now = present;
    return now != null && now.ready();
  }

  @Override
  public Created create(Order order, Waiting waiting) {
    return present().create(order, waiting);
  }

  @Override
  public Plan plan(Order order) {
    return present().plan(order);
  }

  @Override
  public Destroyed destroy(String uid, boolean force, Permit permit) {
    return present().destroy(uid, force, permit);
  }

  @Override
  public List<Destroyed> destroyAll(Map<String, String> labels, Permit permit) {
    return present().destroyAll(labels, permit);
  }

  @Override
  public Swept sweep(String uid, Order order) {
    return present().sweep(uid, order);
  }

  @Override
  public Optional<Experiment> get(String uid) {
    return present().get(uid);
  }

  @Override
  public List<Experiment> unended() {
    return present().unended();
  }

  @Override
  public Stream<Experiment> list(Query query) {
    return present().list(query);
  }

  @Override
  public List<Change> changes(@Nullable String uid, long after, int limit, Duration wait) {
    return present().changes(uid, after, limit, wait);
  }

  @Override
  public boolean ended(String uid, long seq) {
    return present().ended(uid, seq);
  }

  @Override
  public long lastChange() {
    return present().lastChange();
  }
}
