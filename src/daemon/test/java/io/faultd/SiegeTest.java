package io.faultd;

import static io.faultd.Hostile.DATA;
import static io.faultd.Hostile.END_HEADERS;
import static io.faultd.Hostile.HEADERS;
import static io.faultd.Hostile.SETTINGS;
import static io.faultd.Hostile.WINDOW_UPDATE;
import static io.faultd.Hostile.all;
import static io.faultd.Hostile.bytes;
import static io.faultd.Hostile.frame;
import static io.faultd.Hostile.http2;
import static io.faultd.Hostile.indexed;
import static io.faultd.Hostile.post;
import static io.faultd.Hostile.times;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.v1.GetInfoRequest;
import io.faultd.v1.GetInfoResponse;
import io.faultd.v1.NodeServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients without a token, of a user who is not root, that send what nobody should. After each of
 * them one that has the token is served on both ports.
 */
class SiegeTest extends Besieged {
  private static final String ORDERS = "/api/v1/experiments";

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoConnectsAndSaysNothingKeepsNobodyOut(boolean grpc) throws Exception {
    for (int i = 0; i < 1_200; i++) { // more than server.connections
      keep(new Hostile(port(grpc)));
    }
    assertServed();
    assertTrue(open.getFirst().ended(), "the oldest made room");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET ", "GET /health HTTP/1.1\r\nHost: localhost\r\n", "PRI * "})
  void whoDoesNotComeToAnEndIsClosed(String beginning) throws Exception {
    daemon.close();
    start(Map.of("server.login-timeout", "1s"));
    for (boolean grpc : new boolean[] {false, true}) {
      keep(new Hostile(port(grpc))).send(beginning.getBytes(StandardCharsets.US_ASCII));
    }
    String body = "POST " + ORDERS + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{";
    keep(new Hostile(port(false))).send(body.getBytes(StandardCharsets.US_ASCII));
    for (Hostile each : open) {
      assertTrue(each.ended());
    }
    assertServed();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNoHonestHttp2EndsItsConnection(Attack attack) throws Exception {
    boolean grpc = attack.ordinal() % 2 == 0; // both ports are served by the same code
    assertTrue(attack.run(keep(http2(port(grpc)))), "the connection stayed open");
    assertServed();
  }

  /** RFC 9113, 6.9: what a window may not do is ended, or has no effect on others. */
  @Test
  void windowsThatOverflowOrNeverOpenHoldUpNobody() throws Exception {
    for (boolean grpc : new boolean[] {false, true}) {
      Hostile overflow = keep(http2(port(grpc)));
      overflow.send(times(10, frame(WINDOW_UPDATE, 0, 0, bytes(0x7f, 0xff, 0xff, 0xff))));
      Hostile nothing = keep(http2(port(grpc)));
      nothing.send(times(20, frame(WINDOW_UPDATE, 0, 0, bytes(0, 0, 0, 0))));
      for (int i = 0; i < 30; i++) {
        Hostile closed = keep(http2(port(grpc)));
        closed.send(frame(SETTINGS, 0, 0, bytes(0, 4, 0, 0, 0, 0)));
        for (int stream = 1; stream < 16; stream += 2) {
          closed.send(Attack.request(stream));
        }
      }
      assertServed();
    }
  }

  @Test
  void streamsGoWithTheirConnections() throws Exception {
    assertServed();
    streams(50); // classes, and what the virtual machine keeps of threads
    long before = held();
    streams(400);
    assertHeld(before, 10);
    assertServed();
  }

  /** Each leaves streams open that wait for what they will never get. */
  private void streams(int connections) throws IOException {
    for (int i = 0; i < connections; i++) {
      boolean grpc = i % 2 == 0;
      try (Hostile hostile = http2(port(grpc))) {
        for (int stream = 1; stream < 16; stream += 2) {
          byte[] post = grpc ? post(HEALTH, "application/grpc") : post(ORDERS, "application/json");
          hostile.send(frame(HEADERS, END_HEADERS, stream, post));
        }
      }
    }
  }

  @Test
  void noRoomIsMadeForMessagesThatAreOnlyAnnounced() throws Exception {
    assertServed();
    long before = held();
    for (int i = 0; i < 10; i++) {
      Hostile hostile = keep(http2(port(true)));
      for (int stream = 1; stream < 16; stream += 2) {
        hostile.send(
            frame(HEADERS, END_HEADERS, stream, post(HEALTH, "application/grpc")),
            frame(DATA, 0, stream, bytes(0, 0, 0x1f, 0xff, 0xff)));
      }
    }
    assertServed();
    assertHeld(before, 16); // 80 times 2 MiB
  }

  @Test
  void messagesOfStrangersAreNeitherCollectedNorUnpacked() throws Exception {
    assertServed();
    long before = held();
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(packed)) {
      zip.write(new byte[MEBIBYTE]);
    }
    byte[] message = all(bytes(1, 0, 0, packed.size() >> 8, packed.size()), packed.toByteArray());
    byte[] order = post("/faultd.v1.ExperimentService/CreateExperiment", "application/grpc");
    Hostile hostile = keep(http2(port(true)));
    hostile.send(
        frame(HEADERS, END_HEADERS, 1, all(order, indexed("grpc-encoding", "gzip"))),
        times(200, frame(DATA, 0, 1, message)));
    assertServed();
    assertHeld(before, 16);
  }

  @Test
  void whoHasTheTokenMayBeginWithManyRequestsAtOnce() throws Exception {
    Metadata token = new Metadata();
    token.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer t");
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port(true)).usePlaintext().build();
    try {
      NodeServiceGrpc.NodeServiceFutureStub node =
          NodeServiceGrpc.newFutureStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token))
              .withDeadlineAfter(10, TimeUnit.SECONDS);
      List<Future<GetInfoResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        answers.add(node.getInfo(GetInfoRequest.getDefaultInstance()));
      }
      for (Future<GetInfoResponse> each : answers) {
        assertFalse(each.get().getVersion().isEmpty());
      }
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void bodiesOfStrangersAreNotKept() throws Exception {
    assertServed();
    long before = held();
    String head =
        "POST " + ORDERS + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n";
    for (int i = 0; i < 100; i++) {
      Hostile hostile = keep(new Hostile(port(false)));
      hostile.send(head.getBytes(StandardCharsets.US_ASCII), new byte[MEBIBYTE - 100]);
    }
    assertServed();
    assertHeld(before, 24);
  }

  @Test
  void garbageEndsItsConnection() throws Exception {
    Random random = new Random(4711);
    for (int i = 0; i < 100; i++) {
      byte[] garbage = new byte[400];
      random.nextBytes(garbage);
      Hostile hostile = i % 2 == 0 ? new Hostile(port(i % 4 == 0)) : http2(port(i % 4 == 1));
      keep(hostile).send(garbage);
    }
    for (Hostile each : open) {
      assertTrue(each.ended());
    }
    assertServed();
  }
}
