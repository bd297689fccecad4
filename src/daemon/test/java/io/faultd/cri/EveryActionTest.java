package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Status;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.JvmImage;
import io.faultd.testing.Pod;
import io.faultd.testing.Surroundings;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.Victim;
import io.faultd.testing.WithContainerd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every action that works in containers does so there, and nowhere else. */
@WithContainerd
class EveryActionTest {
  private static final AtomicInteger COUNT = new AtomicInteger();

  /** Within 2 s, and one for a machine that does other things, too. */
  private static final long SEEN_NANOS = 3_000_000_000L;

  /** Within 5 s, and one as well. */
  private static final long LIMIT_NANOS = 6_000_000_000L;

  private static Containerd containerd;
  private static String image;
  private static Pod pod;
  private static Pod otherPod;
  private static Victim victim;
  private static TargetJvm shop;
  private static final Map<Harm.Kind, Container> ONE = new EnumMap<>(Harm.Kind.class);
  private static final Map<Harm.Kind, Container> OTHER = new EnumMap<>(Harm.Kind.class);

  @TempDir Path data;

  @BeforeAll
  static void run(Containerd shared) throws Exception {
    containerd = shared;
    image = JvmImage.load(shared, 25);
    pod = shared.pod("harmed", false);
    otherPod = shared.pod("unharmed", false);
    for (Harm.Kind kind : Harm.Kind.values()) {
      ONE.put(kind, Harm.fresh(pod, "one-" + kind, kind, image));
      OTHER.put(kind, Harm.fresh(otherPod, "other-" + kind, kind, image));
    }
    Files.createDirectories(Path.of(Harm.FOLDER, "to"));
    Files.writeString(Path.of(Harm.FOLDER, "file"), "outside\n");
    victim = Victim.sleeping(Harm.TAG);
    shop = TargetJvm.of(25);
  }

  @AfterAll
  static void end() throws Exception {
    pod.close();
    otherPod.close();
    victim.close();
    shop.close();
    Files.delete(Path.of(Harm.FOLDER, "file"));
    Files.delete(Path.of(Harm.FOLDER, "to"));
    Files.delete(Path.of(Harm.FOLDER));
  }

  static List<Harm> harms() {
    return Harm.chosen();
  }

  private static List<Harm> lasting() {
    return Harm.chosen().stream().filter(each -> !each.once() && each.lack().isEmpty()).toList();
  }

  @Test
  void noActionIsLeftOut() throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      Set<String> listed =
          rig.dispatcher.actions().stream()
              .filter(each -> each.scope().equals("cri") && each.implemented())
              .map(each -> each.spec().target() + " " + each.spec().action())
              .collect(Collectors.toSet());
      assertEquals(listed, Harm.all().stream().map(Harm::action).collect(Collectors.toSet()));
    }
  }

  private static SortedMap<String, String> surroundings(List<Container> but) throws Exception {
    return Surroundings.of(
        containerd,
        but.stream().map(Container::id).toList(),
        List.of(ONE.get(Harm.Kind.BOX).pid(), OTHER.get(Harm.Kind.BOX).pid()));
  }

  private static void asBefore(SortedMap<String, String> before, List<Container> but)
      throws Exception {
    long end = System.nanoTime() + LIMIT_NANOS;
    String difference;
    do {
      difference = Surroundings.difference(before, surroundings(but));
    } while (!difference.isEmpty() && System.nanoTime() < end);
    assertEquals("", difference);
  }

  /** The node and everything in it that an order could have meant as well. */
  private static void nobodyElse(Harm harm) throws Exception {
    Container other = OTHER.get(harm.in());
    Eventually.eventually("the other container is as ever", () -> !harm.done().of(other));
    assertEquals('S', victim.state());
    assertEquals("outside\n", Files.readString(Path.of(Harm.FOLDER, "file")));
    assertFalse(Files.exists(Path.of(Harm.FOLDER, "new")));
    assertEquals(
        "rw-r--r--",
        java.nio.file.attribute.PosixFilePermissions.toString(
            Files.getPosixFilePermissions(Path.of(Harm.FOLDER, "file"))));
    assertEquals("12", shop.result("price 4"));
    assertEquals("sold_tea", shop.result("sell tea"));
  }

  @ParameterizedTest
  @MethodSource("harms")
  void isSeenInItsContainerAndNowhereElse(Harm harm) throws Exception {
    assumeTrue(harm.lack().isEmpty(), () -> harm.lack().orElse(""));
    Container one =
        harm.once()
            ? Harm.fresh(pod, "once-" + COUNT.incrementAndGet(), harm.in(), image)
            : ONE.get(harm.in());
    SortedMap<String, String> before = surroundings(List.of(one));
    Eventually.eventually("nothing is seen yet", () -> !harm.done().of(one));
    try (Rig rig = new Rig(containerd, data)) {
      String uid = create(rig, one, harm);
      Eventually.eventually("it is seen", () -> harm.done().of(one));
      nobodyElse(harm);
      SortedMap<String, String> during = surroundings(List.of(one));
      // what is on the network is on that of the pod, and of nobody else
      during.keySet().removeIf(key -> key.endsWith(" at " + ONE.get(Harm.Kind.BOX).pid()));
      during.forEach((what, seen) -> {
        if (!what.equals("processes")) { // a worker is our own child
          assertEquals(before.get(what), seen, what);
        }
      });
      rig.destroy(uid);
      if (!harm.once() && !harm.stays()) {
        Eventually.eventually("it is over", () -> !harm.done().of(one));
      }
    }
    Eventually.eventually("and nothing stays", () -> harm.once() || !harm.done().of(one));
    asBefore(before, List.of(one));
  }

  @Test
  void isOverWhenTheContainerIsKilled() throws Exception {
    ends(dying -> dying.forEach(Container::kill));
  }

  @Test
  void isOverWhenTheContainerIsRemoved() throws Exception {
    ends(dying ->
        dying.parallelStream()
            .forEach(each -> {
              each.stop();
              each.remove();
            }));
  }

  private interface End {
    void of(List<Container> dying) throws Exception;
  }

  /** All at once, each in a container of its own. */
  private void ends(End end) throws Exception {
    List<Container> dying = new ArrayList<>();
    try {
      ends(end, dying);
    } finally {
      dying.parallelStream().forEach(Container::remove);
    }
  }

  private void ends(End end, List<Container> dying) throws Exception {
    String common = "dying-" + COUNT.incrementAndGet() + "-";
    List<Harm> all = lasting();
    SortedMap<String, String> before = surroundings(List.of());
    for (Harm harm : all) {
      dying.add(Harm.fresh(pod, common + dying.size(), harm.in(), image));
    }
    try (Rig rig = new Rig(containerd, data)) {
      List<String> uids = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        Container each = dying.get(i);
        Harm harm = all.get(i);
        uids.add(create(rig, each, harm));
        Eventually.eventually(harm + " is seen", () -> harm.done().of(each));
      }
      end.of(dying);
      long ended = System.nanoTime();
      for (String uid : uids) {
        Experiment record = rig.failed(uid);
        assertTrue(record.error().startsWith("target-gone"), record.toString());
      }
      assertTrue(System.nanoTime() - ended < SEEN_NANOS, "seen within 2 s");
      asBefore(before, dying);
      assertTrue(System.nanoTime() - ended < LIMIT_NANOS, "within 5 s");
      for (String uid : uids) {
        assertEquals(List.of(), rig.get(uid).residue());
        assertEquals(Status.DESTROYED, rig.destroy(uid).status());
      }
    }
    asBefore(before, dying);
    for (Harm harm : all) {
      nobodyElse(harm);
    }
  }

  private static String create(Rig rig, Container container, Harm harm) {
    return rig.succeed(container, harm.target(), harm.action().split(" ", -1)[1], harm.words());
  }
}
