package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the daemon may not do is a refusal that names the flag and the privilege. */
@Requires({"root", "nftables", "nfqueue"})
class UnprivilegedTest {
  private static final String NO_RAW =
      "the daemon runs without CAP_NET_RAW, by which packets that were held are sent";

  @TempDir Path folder;

  /** What becomes of orders without one of root's privileges. */
  private List<String> told(String privilege, String... orders) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--bounding-set=-" + privilege,
                "--inh-caps=-" + privilege,
                "--",
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Unprivileged.class.getName(),
                folder.toString()));
    command.addAll(List.of(orders));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), told);
    return told.lines().toList();
  }

  @Test
  void whatIsHeldCouldNotBeSentWithoutRawSockets() throws Exception {
    assertEquals(
        List.of(
            "delay time=10 engine=nfqueue: UNSUPPORTED, engine: %s, 0 left".formatted(NO_RAW),
            "delay time=10 direction=in: UNSUPPORTED, direction: %s, 0 left".formatted(NO_RAW),
            "limit rate=8mbit direction=both: UNSUPPORTED, direction: %s, 0 left"
                .formatted(NO_RAW)),
        told(
            "net_raw",
            "delay time=10 engine=nfqueue",
            "delay time=10 direction=in",
            "limit rate=8mbit direction=both"));
  }

  /** Queues are tried in a network namespace of their own, which takes it. */
  @Test
  void whatComesInIsLimitedWhereQueuesOfTheKernelCannotBe() throws Exception {
    List<String> answers =
        told("sys_admin", "limit rate=8mbit", "limit rate=8mbit direction=in interface=lo");
    assertTrue(
        answers.get(0).startsWith("limit rate=8mbit: UNSUPPORTED, direction: "), answers.get(0));
    assertEquals("limit rate=8mbit direction=in interface=lo: is done", answers.get(1));
  }

  @Test
  void nothingIsLostOrLimitedWithoutTheNetwork() throws Exception {
    List<String> orders =
        List.of(
            "loss percent=5: UNSUPPORTED, engine: the kernel has no nf_tables",
            "loss percent=5 direction=in: UNSUPPORTED, direction: the kernel has no nf_tables",
            "limit rate=8mbit: UNSUPPORTED, direction: ",
            "limit rate=8mbit direction=in: UNSUPPORTED, direction: the kernel has neither",
            "drop string-pattern=x: UNSUPPORTED, string-pattern: the kernel has no xt_string");
    List<String> answers =
        told(
            "net_admin",
            orders.stream()
                .map(each -> each.substring(0, each.indexOf(':')))
                .toArray(String[]::new));
    assertEquals(orders.size(), answers.size(), answers.toString());
    for (int i = 0; i < answers.size(); i++) {
      assertTrue(answers.get(i).startsWith(orders.get(i)), answers.get(i));
      assertTrue(answers.get(i).endsWith(", 0 left"), answers.get(i));
    }
  }
}
