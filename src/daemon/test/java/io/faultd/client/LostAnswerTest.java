package io.faultd.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An answer that never arrives: what was ordered is done once all the same. */
@Requires("root")
class LostAnswerTest {
  @TempDir Path folder;

  @Test
  void orderAndDestructionAreRepeatedAndDoneOnce() throws Exception {
    try (Node node = new Node(folder).start();
        Victim victim = Victim.sleeping(Victim.tag());
        Cutting creates = new Cutting(node.port(), 3);
        Cutting destroys = new Cutting(node.port(), 3)) {
      JsonObject order =
          Json.createObjectBuilder()
              .add("uid", "lost")
              .add("target", "process")
              .add("action", "stop")
              .add("flags", Json.createObjectBuilder().add("pid", victim.pid()))
              .build();
      JsonObject answer = creates.daemon().create(order, Duration.ofSeconds(10));
      assertEquals("Success", Records.status(Records.object(answer, "record")));
      assertEquals('T', victim.state());
      assertTrue(creates.cut.get() > 3, "it was cut");
      destroys.daemon().destroy("lost", false);
      assertTrue(victim.runs());
      assertTrue(destroys.cut.get() > 3, "it was cut");
      assertEquals(2, node.faultd("status").out().lines().count(), "a head and one experiment");
    }
  }

  /** Passes requests on, and cuts the connection at the begin of the first answers. */
  private static final class Cutting implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger cut = new AtomicInteger();
    private final int target;
    private final int times;

    private Cutting(int target, int times) throws IOException {
      this.target = target;
      this.times = times;
      Thread.ofPlatform().daemon().start(this::serve);
    }

    private Daemon daemon() {
      return new Daemon(
          new Rest(URI.create("http://127.0.0.1:" + server.getLocalPort()), null, null),
          Daemon.PATIENCE);
    }

    private void serve() {
      while (!server.isClosed()) {
        try {
          Socket client = server.accept();
          Thread.ofPlatform().daemon().start(() -> pass(client));
        } catch (IOException closed) {
          return;
        }
      }
    }

    private void pass(Socket client) {
      try (client;
          Socket daemon = new Socket(InetAddress.getLoopbackAddress(), target)) {
        Thread.ofPlatform().daemon().start(() -> copy(client, daemon));
        int first = daemon.getInputStream().read();
        if (cut.getAndIncrement() < times) {
          return;
        }
        OutputStream out = client.getOutputStream();
        out.write(first);
        daemon.getInputStream().transferTo(out);
      } catch (IOException gone) {
        // the client, too, may end a connection
        return;
      }
    }

    private static void copy(Socket from, Socket to) {
      try {
        from.getInputStream().transferTo(to.getOutputStream());
      } catch (IOException cut) {
        // as meant
        return;
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}
