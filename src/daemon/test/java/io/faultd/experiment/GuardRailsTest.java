package io.faultd.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Aim;
import io.faultd.linux.Mark;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import io.faultd.worker.Worker;
import io.faultd.worker.Workers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardRailsTest {
  @TempDir private Path folder;
  private Path data = Path.of("");
  private Path program = Path.of("");
  private GuardRails rails = new GuardRails(data, List.of(), Set.of());

  @BeforeEach
  void folders() throws Exception {
    folder = folder.toRealPath();
    data = Files.createDirectories(folder.resolve("var/data"));
    program = Files.createDirectories(folder.resolve("opt/faultd"));
    Files.writeString(data.resolve("faultd.db"), "x");
    rails = new GuardRails(data, List.of(program), Set.of());
  }

  @Test
  void protectsTheFirstProcessOurselvesAndOurParent() {
    int self = (int) ProcessHandle.current().pid();
    assertGuarded(process(1));
    assertGuarded(process(self));
    assertGuarded(process(Procfs.HOST.stat(self).orElseThrow().parent()));
    if (Procfs.HOST.stat(2).filter(stat -> stat.kernel()).isPresent()) {
      assertGuarded(process(2));
    }
  }

  @Test
  void protectsOurWorkers() throws Exception {
    try (Worker worker = Workers.start(new Mark("0badcafe", "guarded", 1), line -> {})) {
      io.faultd.testing.Eventually.eventually("ready", worker::ready);
      assertGuarded(process(worker.pid()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sshd", "kubelet", "containerd-shim-runc-v2", "systemd-resolved"})
  void protectsWhatTheNodeNeeds(String name) throws Exception {
    Path copy = Files.copy(Path.of("/bin/sleep"), folder.resolve(name));
    try (Victim victim = Victim.started(copy.toString(), "1000")) {
      assertGuarded(process(victim.pid()));
    }
  }

  @Test
  void protectsNoOtherProcess() throws Exception {
    try (Victim victim = Victim.sleeping("1000")) {
      assertTrue(rails.guards(process(victim.pid())).isEmpty());
    }
    assertTrue(rails.guards(process(4_194_305)).isEmpty());
    assertTrue(rails.guards(new Aim("cpu", "0", "cpu 0")).isEmpty());
  }

  @Test
  void protectsOurFoldersWhatIsInThemAndWhatHoldsThem() {
    assertGuarded(file(data));
    assertGuarded(file(data.resolve("faultd.db")));
    assertGuarded(file(data.resolve("not/there/yet")));
    assertGuarded(file(folder.resolve("var")));
    assertGuarded(file(folder));
    assertGuarded(file(program.resolve("faultd.jar")));
    assertGuarded(file(Path.of("/run/faultd/lock")));
    assertTrue(rails.guards(file(folder.resolve("var/database"))).isEmpty());
    assertTrue(rails.guards(file(folder.resolve("var/new/file"))).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/proc", "/proc/sys/vm/swappiness", "/sys/kernel", "/dev", "/dev/null"})
  void protectsWhatTheKernelShows(String path) {
    assertGuarded(file(Path.of(path)));
  }

  @Test
  void isNotDeceivedByLinksAndDots() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), data);
    assertGuarded(file(link.resolve("faultd.db")));
    assertGuarded(file(folder.resolve("opt/../var/data/faultd.db")));
    assertGuarded(file(Path.of(folder + "//var/./data")));
    Files.createDirectories(data.resolve("deep"));
    Path inside = Files.createSymbolicLink(folder.resolve("inside"), data.resolve("deep"));
    assertGuarded(file(inside.resolve("..").resolve("faultd.db")));
  }

  @Test
  @Requires("root")
  void isNotDeceivedByBindMounts() throws Exception {
    Path mount = Files.createDirectory(folder.resolve("mount"));
    run("mount", "--bind", folder.resolve("var").toString(), mount.toString());
    try {
      assertGuarded(file(mount));
      assertGuarded(file(mount.resolve("data/faultd.db")));
      assertTrue(rails.guards(file(mount.resolve("other"))).isEmpty());
    } finally {
      run("umount", mount.toString());
    }
  }

  @Test
  void allowsWhatIsNamed() {
    Aim aim = new Aim("process", "17", "sshd");
    assertTrue(rails.allowed(aim, List.of("x", "sshd")));
    assertTrue(rails.allowed(aim, List.of("17")));
    assertFalse(rails.allowed(aim, List.of("ssh", "1")));
    assertTrue(rails.allowed(file(data), List.of(data.toString())));
  }

  private void assertGuarded(Aim aim) {
    Optional<String> why = rails.guards(aim);
    assertTrue(why.isPresent(), aim::toString);
  }

  private static Aim process(int pid) {
    return new Aim("process", Integer.toString(pid), "any");
  }

  private static Aim file(Path path) {
    return new Aim("file", path.toString(), String.valueOf(path.getFileName()));
  }

  private static void run(String... command) throws Exception {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }
}
