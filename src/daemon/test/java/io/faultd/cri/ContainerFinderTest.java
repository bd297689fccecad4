package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.OddRuntime;
import io.faultd.testing.Pod;
import io.faultd.testing.WithContainerd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WithContainerd
class ContainerFinderTest {
  @TempDir static Path folder;

  private static Containerd containerd;
  private static Pod pod;
  private static Pod other;
  private static Container web;
  private static Container side;
  private static Container far;

  @BeforeAll
  static void run(Containerd shared) {
    containerd = shared;
    pod = shared.pod("found-1", true);
    other = shared.pod("found-2", true);
    web = pod.container("web", "/bin/sleep", "1000000");
    side = pod.container("side", "/bin/sleep", "1000000");
    far = other.container("web", "/bin/sleep", "1000000");
  }

  @AfterAll
  static void end() {
    pod.close();
    other.close();
  }

  @Test
  void findsByEachFlagAndByAllTogether() throws IOException {
    found(web, selector(web.id(), null, null, null));
    found(web, selector(web.id().substring(0, 20), null, null, null));
    found(side, selector(null, "side", null, null));
    found(side, selector(null, null, "app=side,app!=web", null));
    found(far, selector(null, null, null, "found-2"));
    found(far, selector(null, "web", "app", "found-2"));
    found(
        web,
        new Selector(
            web.id(),
            "web",
            List.of("app=web"),
            "found-1",
            "default",
            "containerd",
            containerd.socket(),
            null));
  }

  private static void found(Container wanted, Selector selector) throws IOException {
    try (Target.Container found = new ContainerFinder(List.of()).find(selector)) {
      assertEquals(wanted.id(), found.id());
      assertEquals(wanted.name(), found.name());
      assertEquals(wanted.pid(), found.init().orElseThrow().pid());
      assertEquals(1, found.number(wanted.pid()).getAsInt());
      assertTrue(found.has(wanted.pid()));
      assertFalse(found.has(1));
      assertEquals(
          Files.readSymbolicLink(Path.of("/proc/" + wanted.pid() + "/ns/net")),
          Files.readSymbolicLink(Path.of(found.network())));
    }
  }

  @Test
  void namesTheCandidatesOfWhatIsAmbiguousOrAbsent() {
    FaultException e = refused(Reason.ILLEGAL_PARAMETER, selector(null, "web", null, null));
    assertEquals("container-name", e.field().orElseThrow());
    assertTrue(e.toString().contains(web.id().substring(0, 13) + " (web of pod default/found-1)"));
    assertTrue(e.toString().contains("found-2"), e.getMessage());
    e = refused(Reason.TARGET_NOT_FOUND, selector("zz", null, null, null));
    assertEquals(47010, e.code());
    assertTrue(e.toString().contains("(side of pod default/found-1)"), e.getMessage());
    e = refused(Reason.TARGET_NOT_FOUND, selector(web.id(), "side", null, null));
    assertEquals("container-id", e.field().orElseThrow());
    assertEquals(
        47011, refused(Reason.TARGET_NOT_FOUND, selector(null, "none", null, null)).code());
    refused(Reason.TARGET_NOT_FOUND, selector(null, null, "app!=web,app!=side", null));
    e = refused(Reason.UNSUPPORTED, at(web.id(), "/run/nobody.sock", null));
    assertTrue(e.toString().contains("no container runtime listens at /run/nobody.sock"));
  }

  @Test
  void tellsOneThatEnded() {
    Container short1 = pod.container("ended", "/bin/sleep", "1000000");
    short1.stop();
    FaultException e = refused(Reason.TARGET_NOT_FOUND, selector(short1.id(), null, null, null));
    assertTrue(e.toString().contains("(ended of pod default/found-1): exited"), e.getMessage());
  }

  @Test
  void findsThroughContainerdsOwnInterfaceWhatKubernetesDoesNotShow() throws Exception {
    Container plain = containerd.plain("plain-found", "/bin/sleep", "1000000");
    try {
      found(plain, at("plain-f", containerd.socket(), "default"));
      found(web, at(web.id(), containerd.socket(), "k8s.io"));
      refused(Reason.TARGET_NOT_FOUND, at(plain.id(), containerd.socket(), null));
      refused(Reason.TARGET_NOT_FOUND, at(plain.id(), containerd.socket(), "moby"));
    } finally {
      containerd.endPlain(plain.id());
    }
  }

  /** As dockerd 20.10 and later makes them: an id, one label with a folder, and no name. */
  @Test
  void findsThoseOfDockerInTheNamespaceOfItsContainerd() throws Exception {
    String id = "d0c".repeat(21) + "d";
    Container docker =
        containerd.plainIn(
            "moby",
            "com.docker/engine.bundle.path=/var/run/docker/containerd/" + id,
            id,
            "/bin/sleep",
            "1000000");
    try {
      String socket = containerd.socket();
      found(docker, docker(id, null, socket));
      found(docker, docker("d0cd0cd0c", null, socket));
      found(docker, docker(null, id, socket)); // what has no name is called by its id
      found(docker, at(id, socket, "moby"));
      refused(Reason.TARGET_NOT_FOUND, docker(web.id(), null, socket));
      FaultException e =
          refused(Reason.UNSUPPORTED, docker("d0c", null, folder.resolve("none").toString()));
      assertTrue(e.toString().contains("no container runtime listens"), e.getMessage());
    } finally {
      containerd.endPlain("moby", id);
    }
  }

  private static Selector docker(@Nullable String id, @Nullable String name, String socket) {
    return new Selector(id, name, List.of(), null, null, "docker", socket, null);
  }

  /** CRI-O speaks the same interface; only where it listens differs. */
  @Test
  void looksForEachRuntimeWhereItListens() {
    Map<String, String> sockets =
        Map.of(
            "containerd", "/run/containerd/containerd.sock",
            "cri-o", "/run/crio/crio.sock",
            "docker", "/run/docker/containerd/containerd.sock",
            "cri", "/run/crio/crio.sock");
    sockets.forEach((runtime, socket) -> {
      Selector wanted = new Selector("a", null, List.of(), null, null, runtime, null, null);
      // what is at the usual places of this machine, if anything, is none of the tests' business
      assertTrue(Endpoints.usual(wanted).contains(socket), runtime);
    });
    assertEquals("moby", Endpoints.namespace(docker("a", null, "/none")));
  }

  @Test
  void findsOnlyThoseOfTheRuntimeThatIsNamed() throws IOException {
    String socket = containerd.socket();
    ContainerFinder finder = new ContainerFinder(List.of(socket));
    for (String endpoint : new String[] {null, socket}) {
      finder.find(of("containerd", web.id(), endpoint)).close();
      finder.find(of("cri", web.id(), endpoint)).close();
      FaultException e =
          assertThrows(
              FaultException.class, () -> finder.find(of("cri-o", web.id(), endpoint)).close());
      assertEquals(Reason.TARGET_NOT_FOUND, e.reason(), e.getMessage());
      assertTrue(e.toString().contains("container-runtime=cri-o"), e.getMessage());
    }
  }

  private static Selector of(@Nullable String runtime, String id, @Nullable String endpoint) {
    return new Selector(id, null, List.of(), null, null, runtime, endpoint, null);
  }

  @Test
  void oneThatIsSeenTwiceIsOne() throws IOException {
    Path alias = Files.createSymbolicLink(folder.resolve("alias"), Path.of(containerd.socket()));
    ContainerFinder finder = new ContainerFinder(List.of(alias.toString(), containerd.socket()));
    Selector short1 = of(null, side.id().substring(0, 20), null);
    try (Target.Container found = finder.find(short1)) {
      assertEquals(side.pid(), found.init().orElseThrow().pid());
    }
  }

  @Test
  void twoWithOneIdAreSeveral() throws Exception {
    try (OddRuntime twin =
        OddRuntime.slow(folder.resolve("twin"), web.id(), far.pid(), Integer.MAX_VALUE)) {
      ContainerFinder finder = new ContainerFinder(List.of(containerd.socket(), twin.socket()));
      FaultException e =
          assertThrows(FaultException.class, () -> finder.find(of(null, web.id(), null)).close());
      assertEquals(Reason.ILLEGAL_PARAMETER, e.reason(), e.getMessage());
      assertTrue(e.toString().contains(twin.socket()), e.getMessage());
      assertTrue(e.toString().contains(containerd.socket()), e.getMessage());
    }
  }

  @Test
  void aPlaceKnowsWhenItIsGone() throws Exception {
    Container gone = pod.container("gone", "/bin/sleep", "1000000");
    try (Target.Container found =
        new ContainerFinder(List.of()).find(selector(gone.id(), null, null, null))) {
      assertTrue(found.gone().isEmpty());
      gone.stop();
      assertTrue(found.gone().orElseThrow().contains("has ended"));
    }
  }

  @Test
  void listsWhatRuns() throws IOException {
    List<Listed> all = new ContainerFinder(List.of(containerd.socket())).running().containers();
    Listed listed =
        all.stream().filter(each -> each.id().equals(side.id())).findFirst().orElseThrow();
    assertEquals("found-1", listed.podName());
    assertEquals("default", listed.podNamespace());
    assertEquals("running", listed.state());
    assertEquals("side", listed.labels().get("app"));
  }

  private static FaultException refused(Reason reason, Selector selector) {
    FaultException e =
        assertThrows(
            FaultException.class, () -> new ContainerFinder(List.of()).find(selector).close());
    assertEquals(reason, e.reason(), e.getMessage());
    return e;
  }

  private static Selector selector(
      @Nullable String id, @Nullable String name, @Nullable String labels, @Nullable String pod) {
    List<String> all = labels == null ? List.of() : List.of(labels.split(",", -1));
    return new Selector(id, name, all, pod, null, null, containerd.socket(), null);
  }

  private static Selector at(String id, String socket, @Nullable String namespace) {
    return new Selector(id, null, List.of(), null, null, null, socket, namespace);
  }
}
