package io.faultd.linux.tc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

@Requires({"root", "htb"})
class LacksTest {
  /** Of the user namespace of whoever writes it. */
  private static final Path MOST = Path.of("/proc/sys/user/max_net_namespaces");

  @Test
  void whereNamespacesWereShortItIsTriedAgain() throws Exception {
    Process process =
        new ProcessBuilder(
                "unshare",
                "--user",
                "--map-root-user",
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Shortage.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), told);
    assertEquals(
        List.of(
            "traffic control cannot be tried: unshare: No space left on device (ENOSPC):"
                + " network namespace",
            "it can"),
        told.lines().toList());
  }

  /** Asks where no namespace can be made, and where some can. */
  static final class Shortage {
    private Shortage() {}

    public static void main(String[] arguments) throws IOException {
      for (String most : List.of("0", "8")) {
        Files.writeString(MOST, most);
        System.out.println(Lacks.shaping().orElse("it can"));
      }
    }
  }
}
