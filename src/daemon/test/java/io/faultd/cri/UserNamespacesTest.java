package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.JvmImage;
import io.faultd.testing.Requires;
import io.faultd.testing.WithContainerd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Containers whose root is nobody on the node: every action on them. */
@WithContainerd
class UserNamespacesTest {
  private static final int ROOT = 100_000;
  private static final String SPACE = "default";
  private static final String BOX = "remapped-box";
  private static final String JVM = "remapped-jvm";

  private static Containerd containerd;
  private static Container box;
  private static Container jvm;

  @TempDir Path data;

  @BeforeAll
  static void run(Containerd shared) throws Exception {
    containerd = shared;
    String image = JvmImage.load(shared, 25);
    box = shared.remapped(ROOT, BOX, Containerd.IMAGE, Harm.box());
    jvm = shared.remapped(ROOT, JVM, image, JvmImage.command());
    Harm.ready(box, Harm.Kind.BOX);
    Harm.ready(jvm, Harm.Kind.JVM);
    inNetwork("ip", "link", "set", "lo", "up");
  }

  @AfterAll
  static void end() throws Exception {
    containerd.endPlain(SPACE, BOX);
    containerd.endPlain(SPACE, JVM);
  }

  /** All but those of the network and those after which nothing is, which have tests below. */
  static Stream<Harm> harms() {
    return Harm.chosen().stream().filter(each -> !each.target().equals("network") && !each.once());
  }

  private static String create(Rig rig, Container container, String action, String... flags) {
    List<String> all = new ArrayList<>(List.of(flags));
    all.addAll(List.of("container-namespace", SPACE));
    String[] words = action.split(" ", -1);
    return rig.succeed(container, words[0], words[1], all.toArray(String[]::new));
  }

  private static int inNetwork(String... command) throws Exception {
    List<String> line = new ArrayList<>(List.of("nsenter", "--net=/proc/" + box.pid() + "/ns/net"));
    line.addAll(List.of(command));
    Process tool = new ProcessBuilder(line).redirectErrorStream(true).start();
    String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertFalse(output.contains("rror"), output);
    return tool.waitFor();
  }

  /** All of them but when they were read, which is now. */
  private static SortedMap<String, String> files() throws Exception {
    SortedMap<String, String> files = Fingerprint.of(box.file(Harm.FOLDER));
    files.replaceAll((name, seen) -> seen.replaceAll("times \\d+ ", "modified "));
    return files;
  }

  @ParameterizedTest
  @MethodSource("harms")
  void isSeenAndTakenBack(Harm harm) throws Exception {
    Container container = harm.in() == Harm.Kind.BOX ? box : jvm;
    SortedMap<String, String> before = files();
    try (Rig rig = new Rig(containerd, data)) {
      String uid = create(rig, container, harm.action(), harm.words());
      Eventually.eventually("it is seen", () -> harm.done().of(container));
      rig.destroy(uid);
      Eventually.eventually("it is over", () -> harm.stays() || !harm.done().of(container));
    }
    assertEquals(before, files());
  }

  @Test
  void whatIsMadeIsItsRoots() throws Exception {
    SortedMap<String, String> before = files();
    String made = Harm.FOLDER + "/deep/down/made";
    try (Rig rig = new Rig(containerd, data)) {
      String uid = create(rig, box, "file add", "filepath", made, "auto-create-dir", "true");
      String plain = create(rig, box, "file add", "filepath", Harm.FOLDER + "/plain");
      for (String each : List.of("/deep", "/deep/down", "/deep/down/made", "/plain")) {
        Path file = box.file(Harm.FOLDER + each);
        assertEquals(ROOT, Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS), each);
        assertEquals(ROOT, Files.getAttribute(file, "unix:gid", LinkOption.NOFOLLOW_LINKS), each);
      }
      rig.destroy(uid);
      rig.destroy(plain);
    }
    assertEquals(before, files());
  }

  @Test
  @Requires("nftables")
  void packetsOfItsNetworkAreDropped() throws Exception {
    String[] ping = {"busybox", "ping", "-c", "1", "-W", "1", "127.0.0.1"};
    assertEquals(0, inNetwork(ping));
    try (Rig rig = new Rig(containerd, data)) {
      String uid = create(rig, box, "network drop", "interface", "lo", "protocol", "icmp");
      assertEquals(1, inNetwork(ping));
      rig.destroy(uid);
    }
    assertEquals(0, inNetwork(ping));
  }

  @Test
  void isKilledAndRemoved() throws Exception {
    Container dying = containerd.remapped(ROOT, BOX + "-dying", Containerd.IMAGE, Harm.box());
    try (Rig rig = new Rig(containerd, data)) {
      Harm.ready(dying, Harm.Kind.BOX);
      Harm kill =
          Harm.all().stream().filter(it -> it.action().equals("process kill")).findAny().get();
      create(rig, dying, kill.action(), kill.words());
      Eventually.eventually("it is gone", () -> kill.done().of(dying));
      assertFalse(kill.done().of(box));
      create(rig, dying, "container remove");
      assertTrue(Harm.ended(dying));
    } finally {
      containerd.endPlain(SPACE, BOX + "-dying");
    }
  }
}
