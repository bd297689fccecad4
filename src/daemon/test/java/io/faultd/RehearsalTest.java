package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.dispatch.Dispatcher;
import io.faultd.experiment.AuditLine;
import io.faultd.experiment.Query;
import io.faultd.jvm.Jvms;
import io.faultd.linux.proc.Procfs;
import io.faultd.spec.CommonRules;
import io.faultd.spec.Specs;
import io.faultd.store.DataFolder;
import io.faultd.store.SqliteStore;
import io.faultd.testing.LogLines;
import io.faultd.testing.MemoryExperiments;
import io.faultd.testing.Requires;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Metrics;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done in vain when the daemon starts. */
@Requires("root")
class RehearsalTest {
  private static final Query EVERYTHING =
      new Query(null, null, null, null, null, Map.of(), 0, 10, true);

  @TempDir private Path home;

  @Test
  void leavesNoRecordNoLineAndNoFigure() throws Exception {
    MeterRegistry registry = Metrics.createMeterRegistry();
    try (DataFolder folder = new DataFolder(home.resolve("data"));
        SqliteStore store = new SqliteStore(folder, true);
        LogLines lines = new LogLines(AuditLine.class.getName())) {
      // that it gets to its end is seen by its not throwing anything
      Rehearsal.round(
          new Rehearsal.Parts(
              new Dispatcher(Specs.load(null), Map::of, new CommonRules(null, true, List.of())),
              new Jvms(Procfs.HOST, jvm -> false),
              store,
              new TimedExperiments(new MemoryExperiments(), registry)));
      assertEquals(List.of(), store.list(EVERYTHING).toList());
      assertEquals(List.of(), store.changes(null, 0, 10));
      assertEquals(0, store.lastChange());
      assertFalse(lines.have(""), "a line in the log");
      assertEquals(List.of(), store.audit().lines(null, Instant.EPOCH, 10));
      assertTrue(
          registry.meters().stream().noneMatch(each -> each.id().name().contains("rehears")),
          registry.meters().toString());
    }
  }
}
