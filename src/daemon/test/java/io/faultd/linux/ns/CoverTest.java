package io.faultd.linux.ns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Mark;
import io.faultd.linux.file.Root;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Requires("root")
class CoverTest {
  private static final Mark OURS = new Mark("01234567", "cover", 0);
  private static final Mark OTHERS = new Mark("76543210", "cover", 0);

  private static final long LIMIT = limit();
  private static final int TRIES = 100;

  /** How many files this process may have open. */
  private static long limit() {
    try (Stream<String> limits = Files.lines(Path.of("/proc/self/limits"))) {
      return limits
          .filter(each -> each.startsWith("Max open files"))
          .mapToLong(each -> Long.parseLong(each.split(" +", -1)[3]))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sees a read-only folder /mnt with what was made in it before. */
  private static Victim seer(String before) throws Exception {
    String ready = "mount -t tmpfs none /mnt && cd /mnt && %s mount -o remount,ro /mnt && cd /;";
    String line = ready.formatted(before) + " echo ready; read line";
    Victim seer =
        Victim.started(
            "unshare", "--mount", "--propagation", "private", "--fork", "sh", "-c", line);
    assertEquals("ready", seer.line());
    return seer;
  }

  private static void put(Victim seer, Mark mark) throws IOException {
    try (Root root = Root.of(seer.identity(), Procfs.HOST);
        Fd folder = root.folder("/mnt")) {
      Cover.put(root, folder, mark);
    }
  }

  private static String mounts(Victim seer) throws IOException {
    return Files.readString(Path.of("/proc/" + seer.pid() + "/mountinfo"));
  }

  private static List<Mark> marks(Victim seer) throws IOException {
    return Cover.seenBy(seer.identity(), Procfs.HOST).stream().map(Cover::mark).toList();
  }

  private static int in(Victim seer, String command) throws Exception {
    String mounts = "--mount=/proc/" + seer.pid() + "/ns/mnt";
    return new ProcessBuilder("nsenter", mounts, "sh", "-c", command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "echo theirs >file && mkdir folder && echo more >folder/file &&"})
  void whatIsBelowShowsThroughAndWhatIsWrittenGoesWithIt(String before) throws Exception {
    try (Victim seer = seer(before)) {
      String mounts = mounts(seer);
      Path folder = Path.of("/proc/" + seer.pid() + "/root/mnt");
      assertTrue(in(seer, "echo new >/mnt/new") != 0, "it is read-only");
      put(seer, OURS);
      assertEquals(List.of(OURS), marks(seer));
      assertEquals(0, in(seer, "echo new >/mnt/new"));
      if (!before.isEmpty()) {
        assertEquals("theirs\n", Files.readString(folder.resolve("file")));
        assertEquals("more\n", Files.readString(folder.resolve("folder/file")));
        assertEquals(0, in(seer, "echo ours >/mnt/file && rm -r /mnt/folder"));
      }
      assertEquals(List.of(), Cover.removeAll(OURS::equals, Procfs.HOST));
      assertEquals(mounts, mounts(seer));
      assertFalse(Files.exists(folder.resolve("new")));
      if (!before.isEmpty()) {
        assertEquals("theirs\n", Files.readString(folder.resolve("file")));
        assertEquals("more\n", Files.readString(folder.resolve("folder/file")));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "echo theirs >file &&"})
  void whatOthersMountedStaysAndWhatTheyMountedOverItToo(String before) throws Exception {
    try (Victim seer = seer(before)) {
      assertEquals(0, in(seer, "mount -t tmpfs faultd-76543210-x /mnt"));
      String mounts = mounts(seer);
      put(seer, OURS);
      put(seer, OTHERS);
      List<Cover> left = Cover.removeAll(OURS::equals, Procfs.HOST);
      assertEquals(List.of(OURS), left.stream().map(Cover::mark).toList());
      assertEquals(List.of(OURS, OTHERS), marks(seer));
      assertEquals(List.of(), Cover.removeAll(OTHERS::equals, Procfs.HOST));
      assertEquals(0, in(seer, "mount -t tmpfs none /mnt"));
      assertEquals(1, Cover.removeAll(OURS::equals, Procfs.HOST).size());
      assertEquals(0, in(seer, "umount /mnt"));
      assertEquals(List.of(), Cover.removeAll(OURS::equals, Procfs.HOST));
      assertEquals(mounts, mounts(seer));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "echo theirs >file &&"})
  void itIsFoundThroughOthersAndTakenFromUnderWhoeverUsesIt(String before) throws Exception {
    try (Victim seer = seer(before)) {
      put(seer, OURS);
      Cover cover = Cover.seenBy(seer.identity(), Procfs.HOST).getFirst();
      Process other =
          new ProcessBuilder(
                  "nsenter",
                  "--mount=/proc/" + seer.pid() + "/ns/mnt",
                  "sh",
                  "-c",
                  "cd /mnt && exec sleep 1000 >open")
              .start();
      try {
        Path open = Path.of("/proc/" + other.pid() + "/root/mnt/open");
        Eventually.eventually("it has a file open", () -> Files.exists(open));
        seer.signal("KILL");
        seer.ended();
        // its shell goes with it, or sees the end of its input
        assertFalse(cover.remove(Procfs.HOST) && marks(other).contains(OURS), "it cannot tell");
        assertEquals(List.of(), Cover.removeAll(OURS::equals, Procfs.HOST));
        assertEquals(List.of(), marks(other));
      } finally {
        other.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void whoHasNoDescriptorLeftToLookWithSaysSo() throws Exception {
    try (Victim seer = seer("")) {
      put(seer, OURS);
      assertEquals(List.of(OURS), Cover.all(Procfs.HOST).stream().map(Cover::mark).toList());
      limitFiles("1024");
      try {
        LinuxException refused = refusedWith(2);
        assertTrue(refused.is(Errno.EMFILE), refused.getMessage());
      } finally {
        limitFiles(Long.toString(LIMIT));
      }
      assertEquals(List.of(), Cover.removeAll(OURS::equals, Procfs.HOST));
    }
  }

  private static void limitFiles(String most) throws Exception {
    String pid = Long.toString(ProcessHandle.current().pid());
    assertEquals(
        0, new ProcessBuilder("prlimit", "--pid", pid, "--nofile=" + most + ":").start().waitFor());
  }

  /**
   * Why nothing is found while only so many files can be opened at a time. Whatever else runs in
   * this process may close one of its own meanwhile: then all is found, and it is tried again.
   */
  private static LinuxException refusedWith(int descriptors) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      Object found = lookedWith(descriptors);
      if (found instanceof LinuxException refused) {
        return refused;
      }
      assertEquals(List.of(OURS), found);
    }
    throw new AssertionError("there was always a descriptor left");
  }

  /** The marks that are found while only so many files can be opened, or why none. */
  private static Object lookedWith(int descriptors) throws IOException {
    Deque<Closeable> all = new ArrayDeque<>();
    try {
      while (true) {
        try {
          all.push(new FileInputStream("/dev/null"));
        } catch (FileNotFoundException none) {
          break;
        }
      }
      for (int i = 0; i < descriptors; i++) {
        all.pop().close();
      }
      return Cover.all(Procfs.HOST).stream().map(Cover::mark).toList();
    } catch (IOException e) {
      return e;
    } finally {
      for (Closeable each : all) {
        each.close();
      }
    }
  }

  private static List<Mark> marks(Process process) throws IOException {
    return Cover.seenBy(Procfs.HOST.identity((int) process.pid()).orElseThrow(), Procfs.HOST)
        .stream()
        .map(Cover::mark)
        .toList();
  }
}
