package io.faultd;

import static io.faultd.Hostile.DATA;
import static io.faultd.Hostile.END_HEADERS;
import static io.faultd.Hostile.END_STREAM;
import static io.faultd.Hostile.HEADERS;
import static io.faultd.Hostile.WINDOW_UPDATE;
import static io.faultd.Hostile.all;
import static io.faultd.Hostile.bytes;
import static io.faultd.Hostile.frame;
import static io.faultd.Hostile.http2;
import static io.faultd.Hostile.indexed;
import static io.faultd.Hostile.post;
import static io.faultd.Hostile.times;
import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.v1.CreateExperimentRequest;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of gRPC that are not taken: each call of them has an answer that says so. */
@Timeout(60)
class IntakeTest extends Besieged {
  private static final String INFO = "/faultd.v1.NodeService/GetInfo";
  private static final String CREATE = "/faultd.v1.ExperimentService/CreateExperiment";
  private static final String WATCH = "/faultd.v1.ExperimentService/WatchExperiments";
  private static final byte[] TOKEN = indexed("authorization", "Bearer t");
  private static final byte[] EMPTY = {0, 0, 0, 0, 0};

  private static byte[] call(int stream, String method, byte[]... more) {
    return frame(HEADERS, END_HEADERS, stream, all(post(method, "application/grpc"), all(more)));
  }

  private static byte[] message(int length) {
    return all(prefix(length), new byte[length]);
  }

  private static byte[] prefix(int length) {
    return bytes(0, 0, length >> 16, length >> 8, length);
  }

  private static void assertStatus(Status.Code code, Map<String, String> answer) {
    assertEquals(Integer.toString(code.value()), answer.get("grpc-status"), answer.toString());
    assertEquals("200", answer.get(":status"));
    assertTrue(answer.containsKey("grpc-message"), answer.toString());
    assertTrue(answer.containsKey("faultd-code"), answer.toString());
    assertTrue(answer.containsKey("grpc-status-details-bin"), answer.toString());
  }

  @Test
  void aStrangersMessageIsAnsweredWithWhatKeepsItOut() throws Exception {
    Hostile client = keep(http2(port(true)));
    client.send(call(1, CREATE), frame(DATA, END_STREAM, 1, EMPTY));
    assertStatus(Status.Code.UNAUTHENTICATED, client.answer(1));
    client.send(call(3, CREATE), frame(DATA, END_STREAM, 3, all(EMPTY, EMPTY)));
    assertStatus(Status.Code.UNAUTHENTICATED, client.answer(3));
    client = keep(http2(port(true)));
    client.send(call(1, HEALTH), frame(DATA, END_STREAM, 1, all(EMPTY, EMPTY)));
    assertStatus(Status.Code.RESOURCE_EXHAUSTED, client.answer(1));
    client.send(call(3, HEALTH), frame(DATA, END_STREAM, 3, EMPTY));
    assertEquals("0", client.answer(3).get("grpc-status"));
    assertServed();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void aPrefixInTwoFramesIsOne(int cut) throws Exception {
    byte[] large = prefix(40_000);
    byte[] first = Arrays.copyOf(large, cut);
    byte[] second = Arrays.copyOfRange(large, cut, 5);
    Hostile stranger = keep(http2(port(true)));
    stranger.send(call(1, HEALTH), frame(DATA, 0, 1, first), frame(DATA, END_STREAM, 1, second));
    assertStatus(Status.Code.RESOURCE_EXHAUSTED, stranger.answer(1));
    byte[] small = message(2); // of GetInfo, which knows no field: 0 is none
    Hostile known = keep(http2(port(true)));
    known.send(
        call(1, INFO, TOKEN),
        frame(DATA, 0, 1, Arrays.copyOf(EMPTY, cut)),
        frame(DATA, END_STREAM, 1, Arrays.copyOfRange(EMPTY, cut, 5)));
    assertEquals("0", known.answer(1).get("grpc-status"));
    known.send(call(3, INFO, TOKEN), frame(DATA, END_STREAM, 3, first));
    assertStatus(Status.Code.INVALID_ARGUMENT, known.answer(3));
    known.send(call(5, INFO, TOKEN), frame(DATA, END_STREAM, 5, Arrays.copyOf(small, 6)));
    assertStatus(Status.Code.INVALID_ARGUMENT, known.answer(5));
  }

  @Test
  void whoWasLetInSendsOneMessageToAMethodThatTakesOne() throws Exception {
    Hostile client = keep(http2(port(true)));
    client.send(call(1, INFO, TOKEN), frame(DATA, END_STREAM, 1, all(EMPTY, EMPTY)));
    assertStatus(Status.Code.INVALID_ARGUMENT, client.answer(1));
    long before = held();
    client.send(call(3, INFO, TOKEN));
    byte[] many = times(1_000, message(10));
    for (int i = 0; i < 2_000; i++) { // 30 MB, of which each message would be kept
      client.send(frame(DATA, 0, 3, many), frame(WINDOW_UPDATE, 0, 0, bytes(0, 0, 0, 9)));
    }
    client.send(frame(DATA, END_STREAM, 3));
    assertStatus(Status.Code.INVALID_ARGUMENT, client.answer(3));
    assertHeld(before, 8);
    client.send(call(5, INFO, TOKEN), frame(DATA, END_STREAM, 5, EMPTY));
    assertEquals("0", client.answer(5).get("grpc-status"), "the connection goes on");
  }

  @Test
  void messagesThatDoNotComeToTheirEndGiveUpTheirRoom() throws Exception {
    daemon.close();
    start(Map.of("server.body-timeout", "3s", "server.login-timeout", "30s"));
    long over = System.nanoTime() + 10_000_000_000L;
    for (int i = 0; i < 12; i++) { // there is room for 8
      announce(keep(http2(port(true))), 1, 1 << 20);
    }
    Hostile other = keep(http2(port(true)));
    byte[] whole = message(100_000);
    other.send(call(1, CREATE, TOKEN));
    for (int at = 0; at < whole.length; at += 10_000) {
      int to = Math.min(whole.length, at + 10_000);
      int flags = to == whole.length ? END_STREAM : 0;
      other.send(frame(DATA, flags, 1, Arrays.copyOfRange(whole, at, to)));
    }
    // zeros are no message, but that can only be known of who has read it
    assertStatus(Status.Code.INVALID_ARGUMENT, other.answer(1));
    eventually("all of them are late", () -> System.nanoTime() > over);
    for (Hostile each : open.subList(0, 12)) {
      each.send(frame(DATA, END_STREAM, 1, bytes(0)));
      assertStatus(Status.Code.RESOURCE_EXHAUSTED, each.answer(1));
    }
  }

  /** An order that is large on its way only: its flag is said again and again. */
  private static byte[] order(String flag, int length) throws IOException {
    byte[] once =
        CreateExperimentRequest.newBuilder().putFlags(flag, "x".repeat(100)).build().toByteArray();
    ByteArrayOutputStream order = new ByteArrayOutputStream();
    order.write(
        CreateExperimentRequest.newBuilder()
            .setTarget("file")
            .setAction("chmod")
            .setWaitSettled(true)
            .build()
            .toByteArray());
    while (order.size() < length - once.length) {
      order.write(once);
    }
    return order.toByteArray();
  }

  private static void send(Hostile client, byte[] order) throws IOException {
    client.send(call(1, CREATE, TOKEN), frame(DATA, 0, 1, prefix(order.length)));
    for (int at = 0; at < order.length; at += 16_000) {
      int to = Math.min(order.length, at + 16_000);
      client.send(frame(DATA, to == order.length ? END_STREAM : 0, 1, copy(order, at, to)));
    }
  }

  private static byte[] copy(byte[] order, int from, int to) {
    return Arrays.copyOfRange(order, from, to);
  }

  @Test
  void anOrderThatWaitsForItsEffectKeepsNoRoom() throws Exception {
    for (int i = 0; i < 10; i++) { // there is room for 8
      send(keep(http2(port(true))), order("settle", 1_000_000));
    }
    eventually("all are in place", () -> parts.experiments.lastChange() == 10);
    Hostile other = keep(http2(port(true)));
    send(other, order("mark", 1_000_000));
    assertEquals("0", other.answer(1).get("grpc-status"));
    parts.experiments.settled.countDown();
    for (Hostile each : open) {
      if (each != other) {
        assertEquals("0", each.answer(1).get("grpc-status"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {WATCH, INFO, HEALTH})
  void whoOnlyLooksGetsNoRoom(String method) throws Exception {
    byte[] large = all(prefix(1 << 20), new byte[15_000]); // so begins one of 1 MiB
    for (int i = 0; i < 9; i++) { // there is room for 8
      Hostile client = keep(http2(port(true)));
      client.send(call(1, INFO, TOKEN), frame(DATA, END_STREAM, 1, EMPTY));
      client.answer(1); // is known from now on
      client.send(call(3, method, TOKEN), frame(DATA, 0, 3, large));
      client.send(frame(DATA, END_STREAM, 3, new byte[10]));
      assertStatus(Status.Code.RESOURCE_EXHAUSTED, client.answer(3));
      client.send(call(5, method, TOKEN), frame(DATA, END_STREAM, 5, bytes(1, 0, 0, 0, 0)));
      assertStatus(Status.Code.RESOURCE_EXHAUSTED, client.answer(5));
    }
    Hostile other = keep(http2(port(true)));
    other.send(call(1, CREATE, TOKEN), frame(DATA, END_STREAM, 1, prefix(20_000)));
    assertStatus(Status.Code.INVALID_ARGUMENT, other.answer(1));
  }

  private static void announce(Hostile client, int stream, int length) throws IOException {
    client.send(call(stream, CREATE, TOKEN), frame(DATA, 0, stream, prefix(length)));
  }

  @Test
  void whoMayNotCallGetsNoRoomForItsMessages() throws Exception {
    for (int i = 0; i < 16; i++) {
      Hostile stranger = keep(http2(port(true)));
      stranger.send(
          call(1, INFO, TOKEN), frame(DATA, END_STREAM, 1, EMPTY)); // is known from now on
      stranger.answer(1);
      stranger.send(call(3, CREATE), frame(DATA, 0, 3, prefix(1 << 20)));
    }
    Hostile other = keep(http2(port(true)));
    other.send(call(1, CREATE, TOKEN), frame(DATA, END_STREAM, 1, prefix(20_000)));
    assertStatus(Status.Code.INVALID_ARGUMENT, other.answer(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {HEALTH, INFO})
  void callsOfStrangersCostLittle(String method) throws Exception {
    daemon.close();
    start(Map.of("server.login-timeout", "60s"));
    assertServed();
    long before = held();
    for (int i = 0; i < 128; i++) { // as many as there may be of one place
      Hostile stranger = keep(http2(port(true)));
      for (int stream = 1; stream < 16; stream += 2) {
        stranger.send(call(stream, method));
      }
    }
    assertServed();
    assertHeld(before, 16);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theRequestAfterTheLastThatAStrangerMaySendIsAnswered(boolean grpc) throws Exception {
    Hostile client = keep(http2(port(grpc)));
    Map<String, String> answer = Map.of();
    int stream = 1;
    while (!answer.containsKey("goaway") && stream < 30) {
      byte[] path =
          grpc ? post(HEALTH, "application/grpc") : post("/api/v1/info", "application/json");
      byte[] headers = frame(HEADERS, END_HEADERS | (grpc ? 0 : END_STREAM), stream, path);
      client.send(headers, grpc ? frame(DATA, END_STREAM, stream, EMPTY) : new byte[0]);
      answer = client.answer(stream);
      stream += 2;
    }
    assertEquals("11", answer.get("goaway"), "ENHANCE_YOUR_CALM: " + answer);
    assertTrue(client.ended());
    assertServed();
  }
}
