package io.faultd.testing;

import io.faultd.experiment.Permit;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.preparation.Preparation;
import io.faultd.preparation.PreparationOrder;
import io.faultd.preparation.PreparationQuery;
import io.faultd.preparation.PreparationStatus;
import io.faultd.preparation.Preparations;
import io.faultd.preparation.Prepared;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Preparations that touch nothing; the pid decides what comes of one: 13 fails. */
public final class MemoryPreparations implements Preparations {
  private final Map<String, Preparation> records = new LinkedHashMap<>();

  @Override
  public synchronized Prepared create(PreparationOrder order) {
    if (order.process() == null && order.pid() == null) {
      throw FaultException.missing("process", "or pid is needed to say which JVM");
    }
    int pid = order.pid() == null ? 12 : order.pid();
    if (pid == 404) {
      throw new FaultException(Reason.TARGET_NOT_FOUND, 47001, "pid", "pid: there is no such");
    }
    String uid = order.uid() == null ? "%016x".formatted(records.size() + 1) : order.uid();
    if (records.containsKey(uid)) {
      return new Prepared(records.get(uid), Prepared.Kind.EXISTING, null, List.of());
    }
    FaultException failure =
        pid == 13 ? new FaultException(Reason.UNSUPPORTED, "it was started so") : null;
    PreparationStatus status =
        failure != null
            ? PreparationStatus.ERROR
            : order.async() ? PreparationStatus.CREATED : PreparationStatus.RUNNING;
    records.put(uid, record(uid, order.process(), pid, order.port(), status));
    return new Prepared(
        records.get(uid),
        order.async() ? Prepared.Kind.ACCEPTED : Prepared.Kind.NEW,
        failure,
        order.port() == null ? List.of() : List.of("port: ignored"));
  }

  private static Preparation record(
      String uid, @Nullable String process, int pid, @Nullable String port, PreparationStatus is) {
    Instant now = Instant.parse("2026-01-02T03:04:05Z");
    return new Preparation(
        uid,
        "jvm",
        process == null ? "java" : process,
        new ProcessIdentity(pid, 1, "b"),
        port == null ? "" : port,
        is,
        is == PreparationStatus.ERROR ? "it was started so" : "",
        null,
        200,
        now,
        now,
        null);
  }

  @Override
  public synchronized Preparation revoke(String uid, Permit permit) {
    Preparation record =
        get(uid).orElseThrow(() -> new FaultException(Reason.UNKNOWN_UID, "no preparation " + uid));
    Preparation revoked =
        record(uid, record.process(), record.jvm().pid(), record.port(), PreparationStatus.REVOKED);
    records.put(uid, revoked);
    return revoked;
  }

  @Override
  public synchronized Optional<Preparation> get(String uid) {
    return Optional.ofNullable(records.get(uid));
  }

  @Override
  public synchronized List<Preparation> list(PreparationQuery query) {
    List<Preparation> found =
        new ArrayList<>(
            records.values().stream()
                .filter(each -> query.status() == null || each.status() == query.status())
                .toList());
    return (query.ascending() ? found : found.reversed())
        .stream()
            .dropWhile(each -> query.after() != null && !each.uid().equals(query.after()))
            .skip(query.after() == null ? 0 : 1)
            .skip(query.offset())
            .limit(query.limit())
            .toList();
  }
}
