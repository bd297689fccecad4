package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Certificates;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of another user that begin a handshake and do not end it. */
@Timeout(60)
class HandshakeTest extends Besieged {
  @TempDir private Path folder;

  @Test
  void whoDoesNotEndItIsClosedAndKeepsNobodyOut() throws Exception {
    Certificates certificates = new Certificates(folder.resolve("ours"));
    certificates.sign("node");
    daemon.close();
    start(
        Map.of(
            "server.login-timeout",
            "2s",
            "server.tls.certificate",
            certificates.certificate("node", folder.resolve("node.crt")).toString(),
            "server.tls.key",
            certificates.key("node", folder.resolve("node.key")).toString()));
    byte[] hello = TlsSiegeTest.hello();
    for (int i = 0; i < 1_200; i++) { // more than server.connections
      int length = i % 4 == 0 ? 0 : i % 4 == 1 ? 7 : i % 4 == 2 ? hello.length / 2 : hello.length;
      keep(new Hostile(port(i % 2 == 0))).send(java.util.Arrays.copyOf(hello, length));
    }
    for (boolean grpc : new boolean[] {false, true}) {
      try (HttpClient client = HttpClient.newBuilder().sslContext(certificates.client()).build()) {
        URI uri = URI.create("https://localhost:" + port(grpc) + "/api/v1/info");
        HttpRequest request =
            HttpRequest.newBuilder(uri)
                .header("Authorization", "Bearer t")
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(Duration.ofSeconds(10))
                .build();
        // over the other port there is no REST, and somebody to say so
        int status = client.send(request, BodyHandlers.discarding()).statusCode();
        assertEquals(grpc ? 404 : 200, status);
      }
    }
    for (Hostile each : open) {
      assertTrue(each.ended());
    }
  }
}
