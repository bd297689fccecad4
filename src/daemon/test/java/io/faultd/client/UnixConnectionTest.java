package io.faultd.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.client.Node.Result;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that reach their daemon by its Unix socket. */
@Timeout(120)
class UnixConnectionTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";

  @TempDir private Path folder;

  @Test
  @Requires("root")
  void rootBreaksLooksWatchesAndPutsBackWithoutTheToken() throws Exception {
    Path socket = folder.resolve("run").resolve("api.sock");
    String server = "--server=unix:" + socket;
    try (Victim victim = Victim.sleeping(Victim.tag());
        Node node =
            new Node(folder)
                .with("FAULTD_SERVER_SOCKET", socket.toString())
                .with("FAULTD_TOKEN", "correct-horse")
                .start()) {
      assertEquals(1, node.faultd("status").code(), "the port asks for the token");
      Result created =
          node.faultd(
              "create", "process", "stop", "--pid", "" + victim.pid(), "--uid=u", "--wait", server);
      assertEquals(new Result(0, "u\n", ""), created);
      assertEquals('T', victim.state());
      CompletableFuture<Result> watch =
          CompletableFuture.supplyAsync(() -> node.faultd("watch", "u", server));
      Result refused = node.faultd("create", "process", "stop", "--pid", "1", server);
      assertEquals(1, refused.code(), refused.err());
      assertEquals(0, node.faultd("destroy", "u", server).code());
      assertTrue(victim.runs());
      Result watched = watch.get(30, TimeUnit.SECONDS);
      assertEquals(0, watched.code(), watched.err());
      assertTrue(watched.out().contains("Destroyed"), watched.out());
      node.kill();
      Result gone = node.faultd("status", server);
      assertEquals(4, gone.code());
      assertTrue(
          gone.err().contains("unix:" + socket) && gone.err().contains("does faultd run there?"),
          gone.err());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 2\r\n\r\n{}",
        "content-length:2\r\n\r\n{}and more",
        "Transfer-Encoding: chunked\r\n\r\n1;a=b\r\n{\r\n1\r\n}\r\n0\r\nBehind: it\r\n\r\n",
        "Connection: close\r\n\r\n{}"
      })
  void answersAreReadToTheirEnd(String answer) throws Exception {
    try (Answering there = new Answering(OK + answer)) {
      assertEquals("{}", there.rest().call(asked()).document().toString());
    }
  }

  /** The beginning of an answer, even one that could be read, is none. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Content-Length: 3##{} | the answer was cut",
        "Transfer-Encoding: chunked##3#{} | the answer was cut",
        "Transfer-Encoding: chunked##2#{}# | the answer ended within its head",
        "Transfer-Encoding: chunked##x#{}# | a chunk whose size is no number",
        "Content-Length: many##{} | an answer whose length is no number",
        "Content-Length: 2# | the answer ended within its head"
      })
  void oneThatIsCutIsNone(String answer, String why) throws Exception {
    try (Answering there = new Answering(OK + answer.replace("#", "\r\n"))) {
      UnreachableException cut =
          assertThrows(UnreachableException.class, () -> there.rest().call(asked()));
      assertTrue(String.valueOf(cut.getMessage()).endsWith(why), cut.getMessage());
      assertTrue(cut.there(), "the order may have been taken");
    }
  }

  @Test
  void silenceIsToldApartFromNobody() throws Exception {
    try (Answering there = new Answering("")) {
      UnreachableException silent =
          assertThrows(UnreachableException.class, () -> there.rest().call(asked()));
      assertTrue(silent.there() && silent.pending());
      there.server.close();
      UnreachableException nobody =
          assertThrows(UnreachableException.class, () -> there.rest().call(asked()));
      assertTrue(!nobody.there() && !nobody.pending());
    }
  }

  private static Rest.Request asked() {
    return new Rest.Request("GET", "/status", null, Duration.ofMillis(500), null);
  }

  /** Takes a connection, reads the head of a request, answers that, and hangs up. */
  private final class Answering implements AutoCloseable {
    private final Path path = folder.resolve("s");
    private final ServerSocketChannel server =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    private final Thread thread;

    /** With nothing to say it does not hang up either. */
    Answering(String answer) throws IOException {
      server.bind(UnixDomainSocketAddress.of(path));
      thread = Thread.ofPlatform().start(() -> serve(answer));
    }

    Rest rest() {
      return new Rest(URI.create("unix:" + path), null, null);
    }

    private void serve(String answer) {
      try (SocketChannel client = server.accept()) {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n") && client.read(bytes.clear()) >= 0) {
          head.append(StandardCharsets.US_ASCII.decode(bytes.flip()));
        }
        assertTrue(head.toString().startsWith("GET /api/v1/status HTTP/1.1\r\n"), head.toString());
        client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
        if (answer.isEmpty()) {
          client.read(bytes.clear());
        }
      } catch (IOException e) {
        // the test is over
      }
    }

    @Override
    public void close() throws Exception {
      server.close();
      thread.join();
    }
  }
}
