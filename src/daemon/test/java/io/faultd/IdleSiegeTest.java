package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.faultd.testing.Requires;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Another user of the node that holds ten thousand connections and says nothing on them. */
@Requires("root")
@Timeout(180)
class IdleSiegeTest {
  private static final int MANY = 10_000;

  @TempDir private Path home;

  @Test
  void tenThousandIdleConnectionsKeepRootFromNothing() throws Exception {
    long most =
        ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getMaxFileDescriptorCount();
    assertTrue(most > MANY + 500, "ulimit -n is " + most);
    Path socket = home.resolve("api.sock");
    try (DaemonProcess daemon =
        new DaemonProcess(home, Map.of("server.socket", socket.toString()))) {
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
      long before = descriptors(daemon);
      Process crowd =
          new ProcessBuilder(
                  "setpriv",
                  "--reuid=61234",
                  "--regid=61234",
                  "--clear-groups",
                  "--inh-caps=-all,+dac_read_search",
                  "--ambient-caps=+dac_read_search",
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Crowd.class.getName(),
                  Integer.toString(daemon.http),
                  Integer.toString(daemon.grpc),
                  socket.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(crowd.getInputStream(), StandardCharsets.US_ASCII))) {
        assertEquals(MANY + " made", lines.readLine());
        System.out.printf(
            "IdleSiegeTest: root is answered after %d, %d, %d ms, with %d descriptors for %d"
                + " before%n",
            answered(daemon), answered(daemon), answered(daemon), descriptors(daemon), before);
        eventually("the oldest make room", () -> descriptors(daemon) < before + 300);
      } finally {
        crowd.destroyForcibly().waitFor();
      }
      eventually("they are closed", () -> descriptors(daemon) < before + 20);
      answered(daemon);
    }
  }

  private static long descriptors(DaemonProcess daemon) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/" + daemon.pid() + "/fd"))) {
      return all.count();
    }
  }

  /** Milliseconds to an answer, on a new connection. */
  private static long answered(DaemonProcess daemon) throws Exception {
    long begin = System.nanoTime();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + daemon.http + "/api/v1/status?type=create"))
              .timeout(Duration.ofSeconds(10))
              .build();
      assertEquals(200, client.send(request, BodyHandlers.discarding()).statusCode());
    }
    return (System.nanoTime() - begin) / 1_000_000;
  }

  /** The other user; a program of its own, which ends with its input. */
  static final class Crowd {
    private Crowd() {}

    /** Arguments: the ports, and the path of the Unix socket. */
    public static void main(String[] arguments) throws IOException {
      List<SocketChannel> sockets = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        String where = arguments[i % arguments.length];
        sockets.add(
            SocketChannel.open(
                where.startsWith("/")
                    ? UnixDomainSocketAddress.of(where)
                    : new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), Integer.parseInt(where))));
      }
      System.out.println(sockets.size() + " made");
      while (System.in.read() >= 0) {
        // holds them until its input ends
      }
    }
  }
}
