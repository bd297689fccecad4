package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Target;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Requires("root")
class MapsTest {
  @TempDir Path procs;

  private void link(TargetJvm target) throws Exception {
    String pid = Integer.toString(target.pid());
    Files.createSymbolicLink(procs.resolve(pid), Path.of("/proc", pid));
  }

  /** All of its folder but maps, which does not come. */
  private Path held(TargetJvm target) throws Exception {
    String pid = Integer.toString(target.pid());
    Path folder = Files.createDirectory(procs.resolve(pid));
    for (String each : List.of("stat", "status", "cmdline")) {
      Files.createSymbolicLink(folder.resolve(each), Path.of("/proc", pid, each));
    }
    Path maps = folder.resolve("maps");
    assertEquals(0, new ProcessBuilder("mkfifo", maps.toString()).start().waitFor());
    return maps;
  }

  private static long readers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().equals("faultd-maps"))
        .count();
  }

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whoseMapDoesNotComeIsPassedOverAndNotWaitedForAgain() throws Exception {
    try (TargetJvm target = TargetJvm.of(17);
        TargetJvm other = TargetJvm.of(17)) {
      Files.createSymbolicLink(procs.resolve("sys"), Path.of("/proc/sys"));
      link(other);
      Path maps = held(target);
      Jvms jvms = new Jvms(new Procfs(procs), each -> false);
      assertEquals(List.of(other.pid()), jvms.all().stream().map(JvmProcess::pid).toList());
      assertEquals(other.pid(), jvms.find("Shop", null, new Target.Host()).pid());
      Eventually.eventually("one thread is lost", () -> readers() == 1);
      long begin = System.nanoTime();
      for (int i = 0; i < 10; i++) {
        IOException late =
            assertThrows(IOException.class, () -> jvms.find(null, target.pid(), new Target.Host()));
        assertTrue(late.getMessage().contains("memory map"), late.getMessage());
      }
      assertTrue(System.nanoTime() - begin < Duration.ofSeconds(1).toNanos());
      Files.write(maps, Files.readAllBytes(Path.of("/proc", "" + target.pid(), "maps")));
      Files.delete(maps);
      Files.createSymbolicLink(maps, Path.of("/proc", "" + target.pid(), "maps"));
      Eventually.eventually("no thread is lost", () -> readers() == 0);
      assertEquals(target.pid(), jvms.find(null, target.pid(), new Target.Host()).pid());
    }
  }
}
