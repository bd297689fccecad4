package io.faultd;

import static io.faultd.Hostile.DATA;
import static io.faultd.Hostile.END_HEADERS;
import static io.faultd.Hostile.END_STREAM;
import static io.faultd.Hostile.HEADERS;
import static io.faultd.Hostile.all;
import static io.faultd.Hostile.bytes;
import static io.faultd.Hostile.frame;
import static io.faultd.Hostile.get;
import static io.faultd.Hostile.http2;
import static io.faultd.Hostile.indexed;
import static io.faultd.Hostile.post;
import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiments;
import io.faultd.experiment.Order;
import io.faultd.experiment.Status;
import io.faultd.v1.ExperimentServiceGrpc;
import io.faultd.v1.WatchExperimentsRequest;
import io.faultd.v1.WatchExperimentsResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who watches, and reads slowly or has nothing to read for a long time. */
@Timeout(90)
class WatchersTest extends Besieged {
  private static final byte[] TOKEN = indexed("authorization", "Bearer t");
  private static final String WATCH = "/faultd.v1.ExperimentService/WatchExperiments";
  private static final String EVENTS = "/api/v1/experiments/one/events";
  private static final int CHANGES = 4_000;

  private void create(String uid) {
    parts.experiments.create(
        new Order(uid, "", "file", "chmod", Map.of(), "x".repeat(1_000), Map.of()),
        new Experiments.Waiting(null, () -> false, Duration.ZERO));
  }

  private Hostile eventsOfOld(long after) throws IOException {
    Hostile reader = keep(new Hostile(port(false)));
    String head =
        "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer t\r\nLast-Event-ID: %d\r\n\r\n"
            .formatted(EVENTS, after);
    reader.send(head.getBytes(StandardCharsets.US_ASCII));
    return reader;
  }

  private Hostile events() throws IOException {
    Hostile reader = keep(http2(port(false)));
    byte[] headers = all(get(EVENTS), TOKEN, indexed("last-event-id", "1"));
    reader.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, headers));
    return reader;
  }

  private Hostile watch() throws IOException {
    byte[] request = WatchExperimentsRequest.newBuilder().setAfterSeq(1).build().toByteArray();
    Hostile reader = keep(http2(port(true)));
    reader.send(
        frame(HEADERS, END_HEADERS, 1, all(post(WATCH, "application/grpc"), TOKEN)),
        frame(DATA, END_STREAM, 1, all(bytes(0, 0, 0, 0, request.length), request)));
    return reader;
  }

  private Iterator<WatchExperimentsResponse> watch(ManagedChannel channel, long after) {
    Metadata token = new Metadata();
    token.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer t");
    return ExperimentServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token))
        .watchExperiments(WatchExperimentsRequest.newBuilder().setAfterSeq(after).build());
  }

  private ManagedChannel channel() {
    return NettyChannelBuilder.forAddress("127.0.0.1", port(true)).usePlaintext().build();
  }

  @Test
  void whoDoesNotReadCostsNoMemoryAndResumesWhereItWas() throws Exception {
    create("one");
    for (int i = 1; i < CHANGES; i++) {
      parts.experiments.move("one", Status.SUCCESS, List.of());
    }
    assertServed();
    long before = held();
    for (int i = 0; i < 20; i++) {
      eventsOfOld(1);
      events();
      watch();
    }
    assertServed();
    // of each four megabytes wait that nobody reads
    for (int i = 0; i < 200; i++) {
      parts.experiments.move("one", Status.SUCCESS, List.of());
    }
    assertServed();
    assertHeld(before, 16);
    Hostile slow = open.getFirst();
    long last = assertFollowing(slow, 2, 1_000);
    slow.close(); // in the midst of it
    assertFollowing(eventsOfOld(last), last + 1, CHANGES + 200 - last);
    ManagedChannel channel = channel();
    try {
      Iterator<WatchExperimentsResponse> watch = watch(channel, last);
      for (long seq = last + 1; seq <= CHANGES + 200; seq++) {
        assertEquals(seq, watch.next().getSeq());
      }
    } finally {
      channel.shutdownNow();
    }
  }

  /** Reads events, one after the other; returns the number of the last. */
  private static long assertFollowing(Hostile reader, long first, long count) throws IOException {
    BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(reader.socket.getInputStream(), StandardCharsets.UTF_8));
    long next = first;
    while (next < first + count) {
      String line = lines.readLine();
      if (line.startsWith("id:")) {
        assertEquals(next, Long.parseLong(line.substring(3).strip()));
        next++;
      }
    }
    return next - 1;
  }

  @Test
  void aQuietWatchIsNotIdleAndAConnectionWithoutARequestIs() throws Exception {
    daemon.close();
    start(Map.of("server.idle-timeout", "2s", "server.login-timeout", "60s"));
    create("one");
    Hostile idle = keep(http2(port(false)));
    Hostile other = keep(http2(port(true)));
    Hostile events = events();
    ManagedChannel channel = channel();
    try {
      Iterator<WatchExperimentsResponse> watch = watch(channel, 1);
      assertTrue(idle.ended(), "closed as idle");
      assertTrue(other.ended(), "closed as idle");
      long over = System.nanoTime() + 6_000_000_000L;
      eventually("they were quiet for three times as long", () -> System.nanoTime() > over);
      parts.experiments.move("one", Status.SUCCESS, List.of());
      assertEquals(2, watch.next().getSeq());
      parts.experiments.move("one", Status.DESTROYED, List.of());
      Map<String, String> answer = events.answer(1);
      assertEquals("200", answer.get(":status"), answer.toString());
      assertFalse(answer.containsKey("goaway") || answer.containsKey("closed"), answer.toString());
      assertTrue(Integer.parseInt(answer.get("data")) > 2_000, answer.toString());
    } finally {
      channel.shutdownNow();
    }
  }

  /** Every 10 s, the least that the library takes; an answer is late after 6 s. */
  @Test
  void aQuietWatchOverGrpcIsKeptAliveByItsClientWhoSeesWhenTheDaemonIsGone() throws Exception {
    create("one");
    try (Relay relay = new Relay(port(true))) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", relay.port())
              .usePlaintext()
              .keepAliveTime(10, TimeUnit.SECONDS)
              .keepAliveTimeout(6, TimeUnit.SECONDS)
              .build();
      try {
        Iterator<WatchExperimentsResponse> watch = watch(channel, 0);
        assertEquals(1, watch.next().getSeq());
        int before = relay.answers();
        eventually("a ping is answered", () -> relay.answers() > before);
        parts.experiments.move("one", Status.SUCCESS, List.of());
        assertEquals(2, watch.next().getSeq());
        relay.silence();
        StatusRuntimeException gone = assertThrows(StatusRuntimeException.class, watch::hasNext);
        assertEquals(Code.UNAVAILABLE, gone.getStatus().getCode());
        assertTrue(String.valueOf(gone.getMessage()).contains("Keepalive"), gone::getMessage);
      } finally {
        channel.shutdownNow();
      }
    }
  }
}
