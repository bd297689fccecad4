package io.faultd.preparation;

import io.faultd.fault.FaultException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The records of preparations. What has become of one is so whether the disk takes it or not: until
 * it does, it is told from here.
 */
final class LateRecords implements PreparationStore {
  private static final Logger LOG = System.getLogger(LivePreparations.class.getName());

  private final PreparationStore disk;
  private final Map<String, Preparation> late = new ConcurrentHashMap<>();

  LateRecords(PreparationStore disk) {
    this.disk = disk;
  }

  /** Writes a record that is true already, now or as soon as it can be. */
  synchronized void write(Preparation record) {
    try {
      update(record);
    } catch (FaultException e) {
      late.put(record.uid(), record);
      LOG.log(Level.WARNING, "preparation {0}: {1}", record.uid(), e.getMessage());
    }
  }

  /** Writes what could not be written when it came; whether all of it is written now. */
  synchronized boolean caughtUp() {
    for (Preparation each : late.values()) {
      try {
        update(each);
      } catch (FaultException e) {
        LOG.log(Level.DEBUG, "preparation {0}: {1}", each.uid(), e.getMessage());
      }
    }
    return late.isEmpty();
  }

  @Override
  public void add(Preparation record, String order) {
    disk.add(record, order);
  }

  @Override
  public synchronized void update(Preparation record) {
    disk.update(record);
    late.remove(record.uid());
  }

  @Override
  public Optional<Kept> find(String uid) {
    return disk.find(uid).map(kept -> new Kept(now(kept.preparation()), kept.order()));
  }

  @Override
  public List<Preparation> list(PreparationQuery query) {
    if (query.status() == null || late.isEmpty()) {
      return disk.list(query).stream().map(this::now).toList();
    }
    return disk.list(query.ofAnyStatus()).stream()
        .map(this::now)
        .filter(each -> each.status() == query.status())
        .skip(query.offset())
        .limit(query.limit())
        .toList();
  }

  private Preparation now(Preparation read) {
    return late.getOrDefault(read.uid(), read);
  }

  @Override
  public void prune(Instant before) {
    disk.prune(before);
  }
}
