package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.OddRuntime;
import io.faultd.testing.Pod;
import io.faultd.testing.Victim;
import io.faultd.testing.WithContainerd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What answers oddly, not at all or never hides nothing else, and is told. */
@WithContainerd
class OddRuntimesTest {
  @TempDir Path folder;

  private final List<OddRuntime> odd = new ArrayList<>();

  @BeforeEach
  void listen() throws Exception {
    odd.add(OddRuntime.noisy(folder.resolve("noisy")));
    odd.add(OddRuntime.silent(folder.resolve("silent")));
    odd.add(OddRuntime.ignorant(folder.resolve("ignorant")));
    odd.add(OddRuntime.babbling(folder.resolve("babbling")));
    odd.add(OddRuntime.ended(folder.resolve("ended")));
  }

  @AfterEach
  void end() throws Exception {
    for (OddRuntime each : odd) {
      each.close();
    }
  }

  private ContainerFinder finder(Containerd containerd) {
    return new ContainerFinder(
        Stream.concat(
                odd.stream().map(OddRuntime::socket),
                Stream.of(folder.resolve("absent").toString(), containerd.socket()))
            .toList());
  }

  @Test
  void othersAreListedAndFound(Containerd containerd) throws Exception {
    try (Pod pod = containerd.pod()) {
      Container one = pod.container("one", "/bin/sleep", "1000000");
      ContainerFinder finder = finder(containerd);
      long begin = System.nanoTime();
      ContainerFinder.Running seen = finder.running();
      assertTrue(System.nanoTime() - begin < 9_000_000_000L, "all are asked at once");
      assertTrue(seen.containers().stream().anyMatch(each -> each.id().equals(one.id())));
      assertEquals(odd.size() + 1, seen.failures().size(), seen.failures() + "");
      for (String name : List.of("noisy", "silent", "ignorant", "babbling", "ended", "absent")) {
        String socket = folder.resolve(name).toString();
        assertEquals(
            1,
            seen.failures().stream().filter(each -> each.contains(" " + socket)).count(),
            seen.failures() + "");
      }
      try (Target found = finder.find(wanted(one.id(), null))) {
        assertEquals(one.pid(), found.init().orElseThrow().pid());
      }
    }
  }

  @Test
  void anOrderThatOnlyTheyCouldServeIsRefusedWithWhatTheySaid() {
    for (OddRuntime each : odd) {
      FaultException e =
          assertThrows(
              FaultException.class,
              () -> new ContainerFinder(List.of()).find(wanted("a", each.socket())).close());
      assertEquals(Reason.UNSUPPORTED, e.reason(), e.getMessage());
      assertEquals("cri-endpoint", e.field().orElseThrow());
      assertTrue(String.valueOf(e.getMessage()).contains(each.socket()), e.getMessage());
    }
  }

  @Test
  void aContainerThatEndsWhileItIsLookedForIsNotThere() throws Exception {
    try (OddRuntime late = OddRuntime.late(folder.resolve("late"), "abc")) {
      FaultException e =
          assertThrows(
              FaultException.class,
              () -> new ContainerFinder(List.of()).find(wanted("abc", late.socket())).close());
      assertEquals(Reason.TARGET_NOT_FOUND, e.reason(), e.getMessage());
      assertTrue(String.valueOf(e.getMessage()).contains("ended just now"), e.getMessage());
    }
  }

  @Test
  void aFirstProcessThatEndsBeforeItsRuntimeKnowsIsNoFaultOfTheDaemons() throws Exception {
    int pid;
    try (Victim ended = Victim.sleeping(Victim.tag())) {
      pid = ended.pid();
    }
    try (OddRuntime slow = OddRuntime.slow(folder.resolve("slow"), "abc", pid, 3)) {
      FaultException e =
          assertThrows(
              FaultException.class,
              () -> new ContainerFinder(List.of()).find(wanted("abc", slow.socket())).close());
      assertEquals(Reason.TARGET_NOT_FOUND, e.reason(), e.getMessage());
      assertTrue(String.valueOf(e.getMessage()).contains("ended just now"), e.getMessage());
    }
  }

  private static Selector wanted(String id, @Nullable String socket) {
    return new Selector(id, null, List.of(), null, null, null, socket, null);
  }
}
