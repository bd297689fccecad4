package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.experiment.GuardRails;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cable;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A port that systemd has for an SSH server is protected, also when no SSH server runs yet. The
 * node is namespaces of its own, whose first process is called systemd and listens.
 */
@Requires("root")
class SocketActivationTest {
  private static final int SSH = 7622;
  private static final int SHOP = 7623;

  /** As Debian and Ubuntu have it, and what Ubuntu's generator adds for a Port of sshd_config. */
  private static final String UNITS =
      """
      ip link set lo up
      mount -t tmpfs none /run
      mkdir -p /run/systemd/system /run/systemd/generator/ssh.socket.d
      cd /run/systemd/system
      cat >ssh.socket <<'END'
      [Socket]
      ListenStream=0.0.0.0:22
      ListenStream=[::]:22
      Accept=yes
      FreeBind=yes
      END
      cat >ssh@.service <<'END'
      [Service]
      EnvironmentFile=-/etc/default/ssh
      ExecStart=-/usr/sbin/sshd -i $SSHD_OPTS
      StandardInput=socket
      END
      cat >../generator/ssh.socket.d/addresses.conf <<'END'
      [Socket]
      ListenStream=
      ListenStream=0.0.0.0:7622
      ListenStream=[::]:7622
      END
      printf '[Socket]\\nListenStream=7623\\nService=shopd.service\\n' >shop.socket
      printf '[Service]\\nExecStart=/usr/bin/shopd --peer=sshd\\n' >shopd.service
      """;

  @TempDir Path folder;

  @Test
  void thePortThatSystemdListensAtForSshIsReachedUnderTotalLoss() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java").toRealPath();
    Path link = Files.createSymbolicLink(folder.resolve("systemd"), java);
    String begin = UNITS + "exec \"$@\"\n";
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"));
    command.addAll(List.of("sh", "-e", "-c", begin, "sh"));
    command.addAll(java(link, "systemd"));
    Process node =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Files.delete(link);
    assertEquals(0, node.waitFor(), said);
    assertEquals(
        List.of("before: reached reached", "after: reached shut"),
        said.lines().filter(line -> line.matches("(before|after): .*")).toList());
  }

  private static List<String> java(Path program, String role) {
    return List.of(
        program.toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        SocketActivationTest.class.getName(),
        role);
  }

  /** Runs in the namespaces: as their first process, or as the daemon in them. */
  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("systemd")) {
      System.exit(first());
    }
    daemon();
  }

  private static int first() throws Exception {
    InetAddress any = InetAddress.getByName("::");
    try (AutoCloseable ssh = Doors.serving(new ServerSocket(SSH, 5, any));
        AutoCloseable shop = Doors.serving(new ServerSocket(SHOP, 5, any))) {
      Path program = Path.of(System.getProperty("java.home"), "bin", "java");
      return new ProcessBuilder(java(program, "daemon")).inheritIO().start().waitFor();
    }
  }

  private static void daemon() throws Exception {
    try (Cable cable = Cable.open();
        RecordedInjection on = new RecordedInjection()) {
      tell("before", cable);
      on.guard =
          new GuardRails(Path.of("/nowhere"), List.of(), Set.copyOf(GuardRails.TRAFFIC))::guards;
      String[] all = {"percent=100", "direction=both", "interface=fa"};
      new NetworkLoss().inject(Flags.bind("loss", NetworkLoss.Params.class, all), on);
      tell("after", cable);
    }
  }

  private static void tell(String when, Cable cable) throws IOException {
    String ssh =
        state(cable, SSH, Cable.NEAR).equals(state(cable, SSH, Cable.NEAR_6))
            ? state(cable, SSH, Cable.NEAR)
            : "reached by one kind of IP";
    System.out.println(when + ": " + ssh + " " + state(cable, SHOP, Cable.NEAR));
  }

  private static String state(Cable cable, int port, String address) throws IOException {
    return Doors.shut(cable, port, address, 0) ? "shut" : "reached";
  }
}
