package io.faultd.preparation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.jvm.JvmProcess;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Eventually;
import io.faultd.testing.LogLines;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.Victim;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Requires("root")
class LeftoversTest {
  @TempDir Path data;
  @TempDir Path procs;

  /** Links to those processes and no others; of one the state does not come. */
  private Procfs waitingFor(Victim stuck, TargetJvm target) throws Exception {
    Path real = Path.of("/proc");
    Files.createSymbolicLink(procs.resolve("sys"), real.resolve("sys"));
    String seen = Integer.toString(target.pid());
    Files.createSymbolicLink(procs.resolve(seen), real.resolve(seen));
    Path folder = Files.createDirectory(procs.resolve(Integer.toString(stuck.pid())));
    for (String each : List.of("ns", "root", "mountinfo")) {
      Files.createSymbolicLink(folder.resolve(each), real.resolve(stuck.pid() + "/" + each));
    }
    Process made =
        new ProcessBuilder("mkfifo", folder.resolve("stat").toString()).inheritIO().start();
    assertEquals(0, made.waitFor());
    return new Procfs(procs);
  }

  private void letGo(Victim stuck) throws Exception {
    Path real = Path.of("/proc/" + stuck.pid() + "/stat");
    Path stat = procs.resolve(stuck.pid() + "/stat");
    try (OutputStream answer = Files.newOutputStream(stat)) {
      Files.delete(stat);
      Files.createSymbolicLink(stat, real);
      answer.write(Files.readAllBytes(real));
    }
  }

  @Test
  void aRecordThatCannotBeWrittenEndsWhenItCan() throws Exception {
    try (TargetJvm target = TargetJvm.in(List.of(), 17);
        LogLines log = new LogLines(LivePreparations.class.getName());
        JvmNode node = new JvmNode(data)) {
      LateRecords records = new LateRecords(node.parts.store());
      Making making = new Making(node.parts, records);
      JvmProcess jvm = node.parts.jvms().find(null, target.pid(), new Target.Host());
      Preparation left =
          making.fresh(
              new PreparationOrder("left", "jvm", null, target.pid(), null, null, false, false),
              jvm);
      node.parts.store().add(left, "");
      try (Leftovers leftovers = new Leftovers(node.parts, records, Procfs.HOST)) {
        try (Connection other =
                DriverManager.getConnection("jdbc:sqlite:" + data.resolve("faultd.db"));
            Statement statement = other.createStatement()) {
          statement.execute("BEGIN IMMEDIATE"); // nobody else can write
          leftovers.clear(List.of(left));
          Eventually.eventually("its write failed", () -> log.have("preparation left: the data"));
          Eventually.eventually("nothing is left to do", () -> over(leftovers));
          assertEquals(PreparationStatus.REVOKED, status(records));
          assertEquals(PreparationStatus.CREATED, status(node.parts.store()));
        }
        Eventually.eventually("written", records::caughtUp);
        assertEquals(PreparationStatus.REVOKED, status(node.parts.store()));
      }
    }
  }

  private static PreparationStatus status(PreparationStore records) {
    return records.find("left").orElseThrow().preparation().status();
  }

  private static boolean over(Leftovers leftovers) {
    try {
      leftovers.check("left");
      return true;
    } catch (FaultException e) {
      return false;
    }
  }

  @Test
  void aRecordEndsWhenAllHasBeenSeenAndWhoAttachesMeanwhileKeepsItsCover() throws Exception {
    try (Victim stuck = Victim.sleeping(Victim.tag()); // is looked at before the target
        TargetJvm target = TargetJvm.in(TargetJvm.behindReadOnlyTmp("echo theirs >file"), 17);
        ExecutorService one = Executors.newSingleThreadExecutor();
        JvmNode node = new JvmNode(data)) {
      String mounts = target.mounts();
      LateRecords records = new LateRecords(node.parts.store());
      Making making = new Making(node.parts, records);
      JvmProcess jvm = node.parts.jvms().find(null, target.pid(), new Target.Host());
      PreparationOrder order =
          new PreparationOrder("left", "jvm", null, target.pid(), null, null, false, false);
      Preparation left = making.fresh(order, jvm);
      node.parts.store().add(left, "");
      try (Leftovers leftovers = new Leftovers(node.parts, records, waitingFor(stuck, target))) {
        leftovers.clear(List.of(left));
        assertEquals(PreparationStatus.CREATED, node.preparations.get("left").get().status());
        FaultException open = assertThrows(FaultException.class, () -> leftovers.check("left"));
        assertEquals(Reason.CONFLICT, open.reason());
        Future<Prepared> attached = one.submit(() -> node.prepare(target.pid()));
        Eventually.eventually("covered", () -> !target.mounts().equals(mounts));
        letGo(stuck);
        Preparation running = attached.get().preparation();
        assertEquals(PreparationStatus.RUNNING, running.status(), running.error());
        Eventually.eventually(
            "ended",
            () -> node.preparations.get("left").get().status() == PreparationStatus.REVOKED);
        assertEquals(mounts, target.mounts());
      }
    }
  }
}
