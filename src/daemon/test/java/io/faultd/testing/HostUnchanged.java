package io.faultd.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.linux.nft.Nftables;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails any test that leaves the machine different from how it found it; registered for all. */
public final class HostUnchanged implements BeforeEachCallback, AfterEachCallback {
  private static final ExtensionContext.Namespace SPACE =
      ExtensionContext.Namespace.create(HostUnchanged.class);

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    context.getStore(SPACE).put(context.getUniqueId(), snapshot());
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    Map<?, ?> before = context.getStore(SPACE).get(context.getUniqueId(), Map.class);
    long deadline = System.nanoTime() + 5_000_000_000L;
    // threads and processes that were told to end are given a moment to be seen as ended
    while (!snapshot().equals(before) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertEquals(before, snapshot(), "the test left something behind");
  }

  private static SortedMap<String, Object> snapshot() throws IOException {
    SortedMap<String, Object> seen = new TreeMap<>();
    seen.put(
        "mounts",
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
            .map(line -> line.split(" ", -1)[4])
            .sorted()
            .toList());
    // not /sys/class/net: sysfs shows the network namespace it was mounted in, not ours
    seen.put(
        "interfaces",
        Files.readAllLines(Path.of("/proc/self/net/dev")).stream()
            .skip(2)
            .map(line -> line.substring(0, line.indexOf(':')).strip())
            .sorted()
            .toList());
    if ("root".equals(System.getProperty("user.name"))) {
      try (Nftables nftables = Nftables.open(Network.OWN)) {
        seen.put("tables", Set.copyOf(nftables.tables()));
      }
    }
    seen.put(
        "children",
        ProcessHandle.current()
            .children()
            .filter(ProcessHandle::isAlive)
            .map(ProcessHandle::pid)
            .collect(Collectors.toSet()));
    seen.put(
        "threads",
        Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            // one that was inside a namespace for a moment ends by itself
            .filter(name -> name.startsWith("faultd-") && !name.equals("faultd-inside"))
            .sorted()
            .toList());
    return seen;
  }
}
