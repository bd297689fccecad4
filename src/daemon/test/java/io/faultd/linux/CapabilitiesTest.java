package io.faultd.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CapabilitiesTest {
  @TempDir Path proc;
  private String capabilities = "000001ffffffffff";

  private Map<String, String> missing(String release, int user) throws IOException {
    Files.createDirectories(proc.resolve("sys/kernel"));
    Files.createDirectories(proc.resolve("self"));
    Files.writeString(proc.resolve("sys/kernel/osrelease"), release + "\n");
    Files.writeString(
        proc.resolve("self/status"),
        "Name:\tx\nUid:\t7\t%d\t7\t7\nCapEff:\t%s\n".formatted(user, capabilities));
    return new Capabilities(proc, Map.of()).missing();
  }

  @Test
  void aNewKernelAndRootLackNothing() throws IOException {
    assertEquals(Map.of(), missing("5.3.0", 0));
    assertEquals(Map.of(), missing("6.18.5-cloud+", 0));
    assertEquals(Map.of(), missing("10.0", 0));
  }

  @Test
  void rootWithoutItsPrivilegesIsNotRoot() throws IOException {
    capabilities = "00000000a80425fb"; // what containers have that are not privileged
    assertEquals(
        "the daemon runs as root, but without CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN, CAP_SYS_PTRACE",
        missing("6.1", 0).get(Capabilities.ROOT));
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    assertEquals(
        "kernel 5.2.21 has no pidfd_open, which came with 5.3",
        missing("5.2.21", 0).get(Capabilities.PIDFD));
    assertEquals(Set.of(Capabilities.PIDFD, Capabilities.ROOT), missing("4.19", 1000).keySet());
  }
}
