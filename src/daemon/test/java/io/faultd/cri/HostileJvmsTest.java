package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Pod;
import io.faultd.testing.WithContainerd;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container that does what it can so that a rule for its JVM reaches the node, or hangs. */
@WithContainerd
class HostileJvmsTest {
  private static final String[] DELAY = {
    "process", "Shop", "classname", "Shop", "methodname", "price", "time", "100"
  };
  private static final long SOON_NANOS = 20_000_000_000L;

  /** Of the node; the container has a folder at the same path. */
  @TempDir static Path node;

  private static Pod pod;

  @TempDir Path data;

  @BeforeAll
  static void run(Containerd containerd) {
    pod = containerd.pod();
  }

  @AfterAll
  static void end() {
    pod.close();
  }

  private static Container shop(String name, String before) throws Exception {
    Container shop = JvmsInContainersTest.shop(pod, name, 25, before, "/data/price");
    Eventually.eventually("it works", () -> Files.exists(shop.file("/data/price")));
    return shop;
  }

  @Test
  void aSocketAtWhichSomebodyElseListensIsNotSpokenTo(Containerd containerd) throws Exception {
    Container shop = shop("forged", "mkdir -p /tmp");
    String numbers = Procfs.HOST.status(shop.pid(), "NSpid").orElseThrow();
    String name = "/tmp/.java_pid" + numbers.substring(numbers.lastIndexOf('\t') + 1).strip();
    try (Rig rig = new Rig(containerd, data);
        ServerSocketChannel forged = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      forged.bind(UnixDomainSocketAddress.of(shop.file(name)));
      forged.configureBlocking(false);
      long begin = System.nanoTime();
      FaultException e = rig.refused(Reason.UNSUPPORTED, shop, "jvm", "delay", DELAY);
      assertTrue(System.nanoTime() - begin < SOON_NANOS, "nobody waits for it");
      assertTrue(String.valueOf(e.getMessage()).contains("another process listens"), e.toString());
      Files.delete(shop.file(name));
      rig.destroy(rig.succeed(shop, "jvm", "delay", DELAY));
    }
  }

  @Test
  void aTmpThatIsALinkLeadsNowhereOutside(Containerd containerd) throws Exception {
    Files.createDirectories(node.resolve("folder"));
    SortedMap<String, String> before = Fingerprint.untouched(node);
    String folder = node + "/folder";
    Container shop = shop("linked", "mkdir -p F; rmdir /tmp; ln -s F /tmp".replace("F", folder));
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(shop, "jvm", "delay", DELAY);
      assertEquals(before, Fingerprint.untouched(node));
      rig.destroy(uid);
    }
    assertEquals(before, Fingerprint.untouched(node));
  }

  @Test
  void aTmpThatLeadsToNowhereIsRefused(Containerd containerd) throws Exception {
    Container shop = shop("loop", "rmdir /tmp; ln -s tmp /tmp");
    try (Rig rig = new Rig(containerd, data)) {
      long begin = System.nanoTime();
      rig.refused(Reason.UNSUPPORTED, shop, "jvm", "delay", DELAY);
      assertTrue(System.nanoTime() - begin < SOON_NANOS, "nobody waits for it");
    }
  }
}
