package io.faultd.linux.ns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Eventually;
import io.faultd.testing.Lab;
import io.faultd.testing.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@Requires("root")
class NetworkTest {
  @Test
  void everyNamespaceIsSomebodyElse() throws Exception {
    try (Lab one = Lab.fresh();
        Lab two = Lab.fresh()) {
      NetworkIdentity first = identity(one.path());
      assertTrue(first.same(identity(one.path())));
      assertFalse(first.same(identity(two.path())));
      assertNotEquals(first.key(), identity(two.path()).key());
      assertNotEquals(first.key(), identity(Network.OWN).key());
    }
  }

  @Test
  void findsANamespaceThroughAProcessInItWhenItsPathLeadsElsewhere() throws Exception {
    NetworkIdentity identity;
    Process inside;
    try (Lab lab = Lab.fresh()) {
      inside = new ProcessBuilder(lab.inside("sleep", "60")).start();
      Eventually.eventually("it sleeps in there", () -> in(inside.pid()));
      NetworkIdentity known = identity(lab.path());
      identity =
          new NetworkIdentity(known.cookie(), known.inode(), known.bootId(), "/proc/1/ns/net");
      try (Network found = Network.find(identity).orElseThrow()) {
        assertTrue(found.is(identity));
        assertEquals("/proc/" + inside.pid() + "/ns/net", found.path());
      } finally {
        inside.destroyForcibly().waitFor();
      }
    }
    assertEquals(Optional.empty(), Network.find(identity));
  }

  @Test
  void whatRunsInsideLeavesNoThreadThere() throws Exception {
    try (Lab lab = Lab.fresh();
        Network network = Network.open(lab.path())) {
      String there = network.inside(() -> link("/proc/thread-self/ns/net"));
      assertEquals("net:[" + network.inode() + "]", there);
      Eventually.eventually("nobody is there", () -> threads(there) == 0);
    }
  }

  @Test
  void ofAnotherBootThereIsNone() throws Exception {
    NetworkIdentity own = identity(Network.OWN);
    assertTrue(present(own));
    assertFalse(
        present(new NetworkIdentity(own.cookie(), own.inode(), "another boot", own.path())));
    assertFalse(
        present(new NetworkIdentity(own.cookie() + 1, own.inode(), own.bootId(), own.path())));
  }

  private static boolean present(NetworkIdentity identity) throws Exception {
    Optional<Network> found = Network.find(identity);
    found.ifPresent(Network::close);
    return found.isPresent();
  }

  private static NetworkIdentity identity(String path) throws Exception {
    try (Network network = Network.open(path)) {
      return network.identity();
    }
  }

  private static boolean in(long pid) throws Exception {
    return !link("/proc/" + pid + "/ns/net").equals(link("/proc/self/ns/net"));
  }

  private static String link(String path) throws java.io.IOException {
    return Files.readSymbolicLink(Path.of(path)).toString();
  }

  private static long threads(String namespace) throws Exception {
    try (var tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks
          .filter(task -> {
            try {
              return link(task + "/ns/net").equals(namespace);
            } catch (java.io.IOException gone) {
              return false;
            }
          })
          .count();
    }
  }
}
