package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Agent.Order;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Requires("root")
class AttachTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Jvms JVMS = new Jvms(Procfs.HOST, each -> false);

  private static final List<String> OTHER_USER =
      List.of("setpriv", "--reuid", "61234", "--regid", "61235", "--clear-groups");
  private static final List<String> OWN_TMP =
      List.of(
          "unshare",
          "--mount",
          "--propagation",
          "private",
          "sh",
          "-c",
          "mount -t tmpfs none /tmp && exec \"$0\" \"$@\"");
  private static final List<String> CONTAINER =
      List.of(
          "unshare",
          "--mount",
          "--pid",
          "--net",
          "--fork",
          "--kill-child",
          "--mount-proc",
          "--ipc",
          "--uts",
          "--propagation",
          "private",
          "sh",
          "-c",
          "mount -t tmpfs none /tmp && \"$0\" \"$@\"; exit");

  /** Its root is user 200000 of this node. */
  private static final List<String> USER_NAMESPACE =
      List.of(
          "sh",
          "-c",
          "unshare --user sleep 3 & p=$!; until [ $(readlink /proc/$p/ns/user) != $(readlink"
              + " /proc/self/ns/user) ]; do :; done; echo 0 200000 1000 >/proc/$p/uid_map; echo 0"
              + " 200000 1000 >/proc/$p/gid_map; exec nsenter -U -S 0 -G 0 -t $p unshare --mount"
              + " --pid --net --fork --kill-child --mount-proc sh -c 'mount -t tmpfs none /tmp &&"
              + " \"$0\" \"$@\"; exit' \"$0\" \"$@\"");

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void speaksWithTheAgentAndLeavesNoFile(int version) throws Exception {
    try (TargetJvm target = TargetJvm.of(version)) {
      spokenWith(target);
      // a second time, to one that listens already
      spokenWith(target);
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void attachesToAnotherUsersJvm(int version) throws Exception {
    try (TargetJvm target = TargetJvm.in(OTHER_USER, version)) {
      spokenWith(target);
    }
    assertTrue(
        Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
            .anyMatch(line -> line.matches("Uid:\\s0\\s0\\s0\\s0")),
        "this thread is still root");
  }

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void attachesBehindAPrivateTmp(int version) throws Exception {
    try (TargetJvm target = TargetJvm.in(OWN_TMP, version)) {
      spokenWith(target);
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void attachesInsideOfPidMountAndNetworkNamespaces(int version) throws Exception {
    try (TargetJvm target = TargetJvm.in(CONTAINER, version)) {
      spokenWith(target);
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void attachesInsideOfAUserNamespace(int version) throws Exception {
    try (TargetJvm target = TargetJvm.in(USER_NAMESPACE, version)) {
      spokenWith(target);
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void attachesToOneThatDoesNotListenToSignals(int version) throws Exception {
    try (TargetJvm target = TargetJvm.of(version, "-Xrs")) {
      spokenWith(target);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:+UsePerfData", "-XX:-UsePerfData"})
  void refusesOneThatForbidsIt(String option) throws Exception {
    try (TargetJvm target = TargetJvm.of(17, "-XX:+DisableAttachMechanism", option)) {
      refused(target, Reason.UNSUPPORTED, "DisableAttachMechanism");
      leave(target); // it does not remove it when it starts
      refused(target, Reason.UNSUPPORTED, "DisableAttachMechanism");
      assertEquals("12 0", target.ask("price 4").replaceAll(" \\d+$", " 0"), "it dumped nothing");
    }
  }

  @Test
  void refusesOneThatForbidsAgents() throws Exception {
    try (TargetJvm target = TargetJvm.of(25, "-XX:-EnableDynamicAgentLoading")) {
      refused(target, Reason.UNSUPPORTED, "agent loading is not enabled");
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void attachesThroughATmpThatIsReadOnly(int version) throws Exception {
    for (String before : List.of("", "echo theirs >file")) {
      try (TargetJvm target = TargetJvm.in(TargetJvm.behindReadOnlyTmp(before), version)) {
        String mounts = target.mounts();
        spokenWith(target);
        assertEquals(mounts, target.mounts());
        spokenWith(target);
        assertEquals(mounts, target.mounts());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void attachesThroughATmpOfAUserNamespaceThatIsReadOnly(int version) throws Exception {
    List<String> readOnly =
        USER_NAMESPACE.stream()
            .map(word -> word.replace("mount -t tmpfs none", "mount -t tmpfs -o ro none"))
            .toList();
    try (TargetJvm target = TargetJvm.in(readOnly, version)) {
      String mounts = target.mounts();
      spokenWith(target);
      assertEquals(mounts, target.mounts());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mount --make-shared /tmp, appear elsewhere",
    "mkdir in && mount -t tmpfs none in, would be hidden"
  })
  void refusesAReadOnlyTmpOverWhichNothingMayBeMounted(String before, String why) throws Exception {
    try (TargetJvm target = TargetJvm.in(TargetJvm.behindReadOnlyTmp(before), 17)) {
      String mounts = target.mounts();
      refused(target, Reason.UNSUPPORTED, why);
      refused(target, Reason.UNSUPPORTED, "/tmp of process " + target.pid());
      assertEquals(mounts, target.mounts());
      assertEquals("12 0", target.ask("price 4").replaceAll(" \\d+$", " 0"), "it dumped nothing");
    }
  }

  @Test
  void refusesAStoppedOneAtOnce() throws Exception {
    try (TargetJvm target = TargetJvm.of(17)) {
      target.signal("STOP");
      Eventually.eventually(
          "stopped", () -> Procfs.HOST.stopped(target.pid()) == Procfs.Stopped.YES);
      refused(target, Reason.UNSUPPORTED, "is stopped");
      target.signal("CONT");
      spokenWith(target);
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void removesASocketThatIsLeftOfAnotherWithItsPid(int version) throws Exception {
    try (TargetJvm target = TargetJvm.of(version)) {
      leave(target);
      spokenWith(target);
    }
  }

  @Test
  void refusesASocketThatIsNotItsOwn() throws Exception {
    try (TargetJvm target = TargetJvm.of(17);
        ServerSocketChannel fake = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      Path socket = socket(target);
      Files.deleteIfExists(socket);
      fake.bind(UnixDomainSocketAddress.of(socket));
      refused(target, Reason.UNSUPPORTED, "another process listens");
      Files.setAttribute(socket, "unix:uid", 61234);
      refused(target, Reason.UNSUPPORTED, "of user 61234");
      fake.close();
      refused(target, Reason.UNSUPPORTED, "of user 61234");
      assertTrue(Files.exists(socket), "it is not ours to remove");
      Files.delete(socket);
      Files.createSymbolicLink(socket, Path.of("/etc/passwd"));
      refused(target, Reason.UNSUPPORTED, "is not its socket");
      Files.delete(socket);
      spokenWith(target);
    }
  }

  @Test
  void isNotLedOutOfTheTargetsRootByALink() throws Exception {
    // in its own root, /tmp is a link that leads to this folder if it is followed on this node
    Path trap = Files.createTempDirectory(Path.of("/var/tmp"), "faultd-trap");
    Path classes = TargetJvm.classes();
    List<String> trapped =
        List.of(
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            """
            d=%s/root; mkdir $d && mount -t tmpfs none $d && cd $d && mkdir -p usr etc proc .%s .%s &&
            ln -s ../../..%s tmp && ln -s usr/lib lib && ln -s usr/lib64 lib64 && ln -s usr/bin bin &&
            mount --rbind /usr usr && mount --rbind /etc etc && mount --rbind /proc proc &&
            mount --bind %s .%s && exec chroot . "$0" "$@"
            """
                .formatted(trap, trap, classes, trap, classes, classes));
    try (TargetJvm target = TargetJvm.in(trapped, 17)) {
      JvmProcess jvm = found(null, target.pid());
      try (AgentLink link = AgentLink.open(jvm, "0a0b0c0d", Procfs.HOST, LIMIT)) {
        link.ping(SOON);
      }
      assertEquals(List.of("root"), List.of(trap.toFile().list()), "nothing came to this node");
    } finally {
      Files.deleteIfExists(trap.resolve("root"));
      Files.delete(trap);
    }
  }

  @Test
  void saysWhatIsNoJvm() throws Exception {
    String tag = Victim.tag();
    try (Victim sleep = Victim.sleeping(tag)) {
      FaultException no = assertThrows(FaultException.class, () -> found(null, sleep.pid()));
      assertEquals(Reason.TARGET_NOT_FOUND, no.reason());
      assertEquals(47001, no.code());
      assertTrue(no.getMessage().contains("is no JVM"), no.getMessage());
    }
    FaultException none = assertThrows(FaultException.class, () -> found("tag=" + tag, null));
    assertEquals(47001, none.code());
  }

  @Test
  void findsByAPartOfTheCommandLineAndNamesCandidates() throws Exception {
    try (TargetJvm first = TargetJvm.of(17, "-Dshop=tea");
        TargetJvm second = TargetJvm.of(17, "-Dshop=tea", "-Dshop=coffee")) {
      assertEquals(first.pid(), found(first.tag(), null).pid());
      assertEquals(second.pid(), found(second.tag(), second.pid()).pid());
      FaultException other =
          assertThrows(FaultException.class, () -> found(first.tag(), second.pid()));
      assertEquals(47002, other.code());
      FaultException both = assertThrows(FaultException.class, () -> found("shop=tea", null));
      assertEquals(47012, both.code());
      assertTrue(both.getMessage().contains(Integer.toString(first.pid())), both.getMessage());
      assertTrue(both.getMessage().contains(Integer.toString(second.pid())), both.getMessage());
    }
  }

  @Test
  void seesTheEndOfItsTarget() throws Exception {
    try (TargetJvm target = TargetJvm.of(17)) {
      JvmProcess jvm = found(null, target.pid());
      AgentLink link = AgentLink.open(jvm, "0a0b0c0d", Procfs.HOST, LIMIT);
      assertFalse(link.ended());
      target.signal("KILL");
      Eventually.eventually("seen as ended", link::ended);
      assertEquals(
          Reason.TARGET_NOT_FOUND,
          assertThrows(FaultException.class, () -> link.ping(SOON)).reason());
      link.close();
      assertEquals(
          Reason.TARGET_NOT_FOUND,
          assertThrows(
                  FaultException.class, () -> AgentLink.open(jvm, "0a0b0c0d", Procfs.HOST, LIMIT))
              .reason());
    }
  }

  @Test
  void givesUpOnOneThatIsStoppedMeanwhile() throws Exception {
    try (TargetJvm target = TargetJvm.of(17)) {
      JvmProcess jvm = found(null, target.pid());
      try (AgentLink link = AgentLink.open(jvm, "0a0b0c0d", Procfs.HOST, LIMIT)) {
        target.signal("STOP");
        Eventually.eventually(
            "stopped", () -> Procfs.HOST.stopped(target.pid()) == Procfs.Stopped.YES);
        FaultException silent =
            assertThrows(FaultException.class, () -> link.ping(Duration.ofMillis(200)));
        assertTrue(silent.getMessage().contains("stopped"), silent.getMessage());
        target.signal("CONT");
        link.ping(SOON); // and passes over the answer that came too late
      }
    }
  }

  private static Path socket(TargetJvm target) {
    return Path.of("/tmp/.java_pid" + target.pid());
  }

  /** As one leaves it that is killed. */
  private static void leave(TargetJvm target) throws IOException {
    Files.deleteIfExists(socket(target));
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket(target)))
        .close();
  }

  private static JvmProcess found(String name, Integer pid) throws IOException {
    return JVMS.find(name, pid, new Target.Host());
  }

  private static void spokenWith(TargetJvm target) throws Exception {
    JvmProcess jvm = found(target.tag(), target.pid());
    try (AgentLink link = AgentLink.open(jvm, "0a0b0c0d", Procfs.HOST, LIMIT)) {
      assertEquals(List.of(), target.left());
      link.ping(SOON);
      assertFalse(link.java().isEmpty());
      link.add(
          new Order(
              "seven",
              "jvm",
              "return",
              Map.of("classname", "Shop", "methodname", "price", "value", "7")));
      assertEquals("7", target.result("price 4"));
      link.remove("seven");
      assertEquals("12", target.result("price 4"));
    }
    assertEquals("12", target.result("price 4"), "it still works");
  }

  private static void refused(TargetJvm target, Reason reason, String text) throws Exception {
    JvmProcess jvm = found(null, target.pid());
    FaultException refusal =
        assertThrows(
            FaultException.class, () -> AgentLink.open(jvm, "0a0b0c0d", Procfs.HOST, LIMIT));
    assertEquals(reason, refusal.reason(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(text), refusal.getMessage());
    assertEquals(List.of(), target.left());
  }
}
