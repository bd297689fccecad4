package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import io.faultd.v1.AuditServiceGrpc;
import io.faultd.v1.ListAuditLinesRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in by the Unix socket; its clients are curl, of root and of another user. */
@Requires("root")
@Timeout(120)
class LocalSocketTest {
  private static final List<String> OUTSIDER =
      List.of("setpriv", "--reuid=61234", "--regid=61234", "--clear-groups");
  private static final String TOKEN = "correct-horse";

  @TempDir private Path home;

  private Path file;

  @BeforeEach
  void name() throws IOException {
    file = home.resolve("run").resolve("api.sock");
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
  }

  @Test
  void rootNeedsNoTokenAndTheAuditNamesTheProcessOfEachOfSeveralAtOnce() throws Exception {
    try (DaemonProcess daemon = daemon(Map.of())) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      Map<String, Asked> asked = new TreeMap<>();
      for (int i = 0; i < 8; i++) {
        String path = home.resolve("none-" + i).toString();
        asked.put(
            path,
            ask(
                List.of(),
                "/api/v1/experiments",
                "-HContent-Type: application/json",
                "-d{\"target\": \"file\", \"action\": \"chmod\", \"flags\": {\"filepath\": \"%s\","
                        .formatted(path)
                    + " \"mark\": \"000\"}}"));
      }
      for (Asked each : asked.values()) {
        assertEquals(404, each.answer().status());
      }
      JsonObject audit = ask(List.of(), "/api/v1/audit").answer().json();
      List<JsonObject> failed =
          audit.getJsonArray("result").getValuesAs(JsonObject.class).stream()
              .filter(line -> line.getString("outcome").equals("Error"))
              .toList();
      assertEquals(asked.size(), failed.size(), audit.toString());
      for (JsonObject line : failed) {
        String error = line.getString("error");
        Asked by = asked.get(error.substring(error.indexOf('/')));
        assertEquals("root", line.getString("who"));
        assertEquals("pid " + by.process().pid() + ", uid 0", line.getString("from"));
      }
      assertEquals(
          List.of("api.sock"), names(file.getParent()), "nothing but the socket is in its folder");
    }
    assertFalse(Files.exists(file), "it is gone with its daemon");
  }

  @Test
  void anotherUserIsNobodyThereWhateverTheModeSays() throws Exception {
    try (DaemonProcess daemon = daemon(Map.of())) {
      assertEquals(0, ask(OUTSIDER, "/health").answer().status(), "it cannot connect");
      open();
      assertEquals(200, ask(OUTSIDER, "/health").answer().status());
      Answer refused = ask(OUTSIDER, "/api/v1/info").answer();
      assertEquals(401, refused.status());
      assertTrue(refused.text().contains("this is user 61234"), refused.text());
      assertEquals(200, ask(List.of(), "/api/v1/info").answer().status());
    }
  }

  @Test
  void whereThereAreTokensRootMayAndOthersMustShowOne() throws Exception {
    try (DaemonProcess daemon = daemon(Map.of("security.token", TOKEN))) {
      open();
      String shown = "-HAuthorization: Bearer ";
      assertEquals(200, ask(List.of(), "/api/v1/info").answer().status());
      assertEquals(401, ask(List.of(), "/api/v1/info", shown + "wrong").answer().status());
      assertEquals(401, ask(OUTSIDER, "/api/v1/info").answer().status());
      assertEquals(200, ask(OUTSIDER, "/api/v1/info", shown + TOKEN).answer().status());
      for (int i = 0; i < 10; i++) {
        assertEquals(401, ask(OUTSIDER, "/api/v1/info", shown + "wrong").answer().status());
      }
      assertEquals(429, ask(OUTSIDER, "/api/v1/info", shown + TOKEN).answer().status());
      assertEquals(200, ask(List.of(), "/api/v1/info", shown + TOKEN).answer().status());
    }
  }

  @Test
  void aHostThatIsNoneOfTheDaemonsIsRefusedAndLocalhostNever() throws Exception {
    try (DaemonProcess daemon = daemon(Map.of("server.hosts", "node-1"))) {
      assertEquals(421, ask(List.of(), "/api/v1/info", "-HHost: evil").answer().status());
      assertEquals(200, ask(List.of(), "/api/v1/info", "-HHost: node-1").answer().status());
      assertEquals(200, ask(List.of(), "/api/v1/info").answer().status());
    }
  }

  @Test
  void whoSaysNothingIsHungUpOnUnlessItIsRoot() throws Exception {
    try (DaemonProcess daemon = daemon(Map.of("server.login-timeout", "1s"))) {
      open();
      Process silent = silent(OUTSIDER);
      Process root = silent(List.of());
      try {
        eventually("both are connected", () -> connected(daemon) == 2);
        eventually("one was hung up on", () -> connected(daemon) == 1);
        assertEquals(200, ask(List.of(), "/health").answer().status());
        root.destroyForcibly().waitFor();
        eventually("it was the other", () -> connected(daemon) == 0);
      } finally {
        root.destroyForcibly().waitFor();
        silent.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void whatAKilledDaemonLeftIsReplaced() throws Exception {
    try (DaemonProcess first = daemon(Map.of())) {
      ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly();
    }
    assertTrue(Files.exists(file), "nobody has removed it");
    Files.move(file, file.resolveSibling(".api.sock")); // as if it had not come to its name
    Files.createFile(file.resolveSibling("other"));
    try (DaemonProcess second = daemon(Map.of())) {
      assertEquals(200, ask(List.of(), "/api/v1/info").answer().status());
      Files.delete(file);
      Files.writeString(file, "of somebody else");
    }
    assertEquals("of somebody else", Files.readString(file), "what is not ours stays");
    assertEquals(List.of("api.sock", "other"), names(file.getParent()));
  }

  @Test
  void grpcIsServedThereTooAndHttp2() throws Exception {
    try (DaemonProcess daemon = daemon(Map.of())) {
      assertEquals(
          200, ask(List.of(), "/api/v1/info", "--http2-prior-knowledge").answer().status());
      EpollEventLoopGroup threads = new EpollEventLoopGroup(1);
      ManagedChannel channel =
          NettyChannelBuilder.forAddress(new DomainSocketAddress(file.toFile()))
              .channelType(EpollDomainSocketChannel.class)
              .eventLoopGroup(threads)
              .overrideAuthority("localhost")
              .usePlaintext()
              .build();
      try {
        assertEquals(
            0,
            AuditServiceGrpc.newBlockingStub(channel)
                .listAuditLines(ListAuditLinesRequest.getDefaultInstance())
                .getLinesCount());
      } finally {
        channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        threads.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
      }
    }
  }

  private DaemonProcess daemon(Map<String, String> more) throws Exception {
    Map<String, String> settings = new TreeMap<>(more);
    settings.put("server.socket", file.toString());
    return new DaemonProcess(home, settings);
  }

  /** As an administrator might, for a group of users. */
  private void open() throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("rwx--x--x"));
  }

  private static List<String> names(Path folder) throws IOException {
    try (var all = Files.list(folder)) {
      return all.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }

  /** A process that has connected, and waits for its input to end. */
  private Process silent(List<String> as) throws IOException {
    List<String> command = new ArrayList<>(as);
    command.addAll(List.of("curl", "-s", "--unix-socket", file.toString(), "telnet://localhost"));
    return new ProcessBuilder(command).start();
  }

  /** Connections that the daemon has taken; the kernel knows them by the name that was bound. */
  private static long connected(DaemonProcess daemon) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/" + daemon.pid() + "/net/unix"))) {
      return lines
          .filter(line -> line.contains(" 0001 03 ") && line.endsWith("/.api.sock"))
          .count();
    }
  }

  private Asked ask(List<String> as, String path, String... more) throws IOException {
    List<String> command = new ArrayList<>(as);
    command.addAll(List.of("curl", "-s", "--unix-socket", file.toString(), "-w%{http_code}"));
    command.addAll(List.of(more));
    command.add("http://localhost" + path);
    return new Asked(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** A request that is on its way, or was answered. */
  private record Asked(Process process) {
    Answer answer() throws Exception {
      String all = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      int end = all.length() - 3;
      return new Answer(Integer.parseInt(all.substring(end)), all.substring(0, end));
    }
  }

  private record Answer(int status, String text) {
    JsonObject json() {
      try (JsonReader reader = Json.createReader(new StringReader(text))) {
        return reader.readObject();
      }
    }
  }
}
