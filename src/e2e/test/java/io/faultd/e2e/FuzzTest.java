package io.faultd.e2e;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Fingerprint;
import io.faultd.testing.Requires;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import jakarta.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand requests that nobody should send. */
@Requires("root")
class FuzzTest {
  private static final int CLIENTS = 4;
  private static final int BODIES = 1000;
  private static final int HEADS = 800;
  private static final int FRAMES = 300;
  private static final int MESSAGES = 395;
  private static final int LARGE = 5;

  private static final Pattern TRACE =
      Pattern.compile("\\bat (io|java|jdk)\\.|(?<!Custom|Declared)Exception|\\.java:\\d");

  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})");

  private static final Set<Status.Code> HONEST =
      EnumSet.of(
          Status.Code.INVALID_ARGUMENT,
          Status.Code.NOT_FOUND,
          Status.Code.UNIMPLEMENTED,
          Status.Code.FAILED_PRECONDITION);

  private static final List<String> METHODS =
      List.of(
          "ExperimentService/CreateExperiment",
          "ExperimentService/DestroyExperiment",
          "ExperimentService/GetExperiment",
          "ExperimentService/ListExperiments",
          "PreparationService/CreatePreparation",
          "PreparationService/RevokePreparation",
          "NodeService/GetInfo",
          "ActionService/ListActions",
          "TargetService/ListTargets",
          "ActionService/NoSuchMethod",
          "NoSuchService/GetInfo");

  @TempDir Path folder;

  private final List<String> wrong = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Integer> answers = new ConcurrentSkipListMap<>();
  private Path things;

  @BeforeEach
  void prepare() throws IOException {
    things = Files.createDirectory(folder.resolve("things"));
    Files.writeString(things.resolve("file"), "x");
  }

  @Test
  void nothingThatIsMalformedHarmsTheDaemonOrTheNode() throws Exception {
    long seed = Long.getLong("faultd.seed", System.nanoTime());
    System.out.println("FuzzTest: -Dfaultd.seed=" + seed);
    var before = Fingerprint.of(things);
    try (Daemon daemon = Daemon.in(folder).start()) {
      round(daemon, new Random(seed), 20);
      int descriptors = daemon.descriptors();
      half(daemon, seed);
      long resident = daemon.resident();
      long live = daemon.live();
      half(daemon, seed + CLIENTS);
      String memory =
          "%d MB resident, then %d; %d KB of heap live, then %d"
              .formatted(resident, daemon.resident(), live, daemon.live());
      System.out.println("FuzzTest: " + answers + ", " + memory);
      assertEquals(List.of(), wrong, daemon.log());
      int routed = answers.getOrDefault("frames routed", 0);
      assertTrue(
          routed > answers.getOrDefault("frames 0", 0) / 30,
          "they hardly reach a route: " + answers);
      assertTrue(daemon.live() < live + 3_000, memory);
      assertTrue(daemon.resident() < resident + 40, memory);
      eventually("its connections are closed", () -> daemon.descriptors() <= descriptors + 10);
      assertSane(daemon);
      assertEquals(before, Fingerprint.of(things));
      for (var each :
          daemon.rest().get("/api/v1/status?type=create").json().getJsonArray("result")) {
        assertEquals("Error", each.asJsonObject().getString("status"), each.toString());
      }
    }
  }

  /** All clients at once, each with its own half of nonsense. */
  private void half(Daemon daemon, long seed) throws Exception {
    List<Future<?>> clients = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(CLIENTS)) {
      for (int i = 0; i < CLIENTS; i++) {
        Random random = new Random(seed + i);
        clients.add(
            pool.submit(() -> {
              round(daemon, random, 2);
              return null;
            }));
      }
      for (Future<?> each : clients) {
        each.get();
      }
    }
  }

  @Test
  void noHeaderIsTooLongForTheTableOfHttp2() throws Exception {
    try (Daemon daemon = Daemon.in(folder).start()) {
      for (int port : new int[] {daemon.httpPort(), daemon.grpcPort()}) {
        for (int length : new int[] {4000, 4064, 4100, 5000, 12_000}) {
          String text = "a".repeat(length);
          send(port, "/api/v1/info", "x-long", text);
          send(port, "/api/v1/info", text, "x");
          send(port, "/api/v1/experiments/" + text, "accept", "*/*");
          send(port, "/api/v1/status?" + text + "=1", "idempotency-key", text);
          send(port, "/faultd.v1.NodeService/" + text, "content-type", "application/grpc");
          send(port, "/faultd.v1.NodeService/GetInfo", "content-type", "application/" + text);
        }
      }
      assertSane(daemon);
    }
  }

  @Test
  void noAnswerHasALongHeader() throws Exception {
    try (Daemon daemon = Daemon.in(folder).start()) {
      // errors of gRPC are headers: each text that a client sends and that could come back
      String text = "\u00e4%".repeat(20_000);
      Status.Code code = Status.Code.OK;
      for (String[] each :
          List.of(
              new String[] {text, "chmod", "mark"},
              new String[] {"file", text, "mark"},
              new String[] {"file", "chmod", text})) {
        try {
          Protocol.GRPC.create(daemon, each[0], each[1], Map.of(each[2], text, "filepath", "/x"));
        } catch (StatusRuntimeException e) {
          code = e.getStatus().getCode();
          assertTrue(String.valueOf(e.getStatus().getDescription()).length() < 4000);
        }
        assertTrue(
            EnumSet.of(Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND).contains(code),
            code.toString());
      }
      assertSane(daemon);
    }
  }

  /** A part of it all, so many times less. */
  private void round(Daemon daemon, Random random, int less) throws Exception {
    Nonsense nonsense = new Nonsense(random, things.toString());
    for (int i = 0; i < HEADS / less; i++) {
      check("head", daemon.httpPort(), nonsense.head());
    }
    for (int i = 0; i < FRAMES / less; i++) {
      int port = random.nextBoolean() ? daemon.httpPort() : daemon.grpcPort();
      frames(port, nonsense.frames());
    }
    for (int i = 0; i < MESSAGES / less; i++) {
      message(daemon, nonsense.pick(METHODS), nonsense);
    }
    for (int i = 0; i < LARGE; i++) {
      try (Wire wire = new Wire(daemon.httpPort())) {
        byte[] bytes = nonsense.large();
        wire.write(bytes);
        seen("large", bytes, wire.answer());
      }
    }
    try (Wire wire = new Wire(daemon.httpPort())) {
      for (int i = 0; i < BODIES / less; i++) {
        byte[] bytes = nonsense.request();
        wire.write(bytes);
        seen("body", bytes, wire.answer());
      }
    }
  }

  /** Whatever comes back, or nothing, then a close. */
  private void check(String kind, int port, byte[] bytes) throws IOException {
    try (Wire wire = new Wire(port)) {
      try {
        wire.write(bytes);
        wire.end();
      } catch (SocketException closed) {
        count(kind + " closed");
      }
      String text = new String(wire.rest(3000), StandardCharsets.ISO_8859_1);
      Matcher match = STATUS.matcher(text);
      int status = match.lookingAt() ? Integer.parseInt(match.group(1)) : 0;
      seen(kind, bytes, new Rest.Answer(status, text));
    }
  }

  /** The same, but what is asked over HTTP/2 is waited for before nothing follows. */
  private void frames(int port, byte[] bytes) throws IOException {
    try (Wire wire = new Wire(port)) {
      String text = "";
      try {
        wire.write(bytes);
        text = new String(wire.rest(60), StandardCharsets.ISO_8859_1);
        wire.end();
      } catch (SocketException closed) {
        count("frames closed");
      }
      text += new String(wire.rest(3000), StandardCharsets.ISO_8859_1);
      // what cannot be read as a request is refused in these words, all else by a filter or a route
      if (text.contains("\"code\":") && !text.contains("that can be read")) {
        count("frames routed");
      }
      seen("frames", bytes, new Rest.Answer(0, text));
    }
  }

  private void seen(String kind, byte[] bytes, Rest.Answer answer) {
    count(kind + " " + answer.status());
    boolean honest = answer.status() < 500 || answer.status() == 503;
    boolean accepted = answer.status() == 201 || answer.status() == 202;
    if (!honest || accepted || TRACE.matcher(answer.text()).find()) {
      String sent = new String(bytes, 0, Math.min(500, bytes.length), StandardCharsets.ISO_8859_1);
      wrong.add(answer.text() + "\n  to " + Json.createValue(sent));
    }
  }

  private void message(Daemon daemon, String name, Nonsense nonsense) {
    MethodDescriptor<byte[], byte[]> method =
        MethodDescriptor.newBuilder(new Bytes(), new Bytes())
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("faultd.v1." + name)
            .build();
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS);
    try {
      ClientCalls.blockingUnaryCall(daemon.channel(), method, options, nonsense.message());
      count("message OK");
    } catch (StatusRuntimeException e) {
      count("message " + e.getStatus().getCode());
      String text = String.valueOf(e.getStatus().getDescription());
      if (!HONEST.contains(e.getStatus().getCode()) || TRACE.matcher(text).find()) {
        wrong.add(method.getFullMethodName() + ": " + e.getStatus());
      }
    }
  }

  /** A request over HTTP/2 with one header of our own; what comes back is of no interest. */
  private static void send(int port, String path, String name, String value) throws IOException {
    byte[] block =
        Frames.block(
            ":method",
            "POST",
            ":scheme",
            "http",
            ":path",
            path,
            ":authority",
            "localhost",
            name,
            value);
    try (Wire wire = new Wire(port)) {
      wire.write(Frames.all(Frames.PREFACE, Frames.settings()));
      int part = 16_000;
      for (int from = 0; from < block.length; from += part) {
        boolean last = from + part >= block.length;
        byte[] payload =
            java.util.Arrays.copyOfRange(block, from, Math.min(block.length, from + part));
        wire.write(
            Frames.frame(
                from == 0 ? Frames.HEADERS : Frames.CONTINUATION,
                (last ? Frames.END_HEADERS : 0) | (from == 0 ? Frames.END_STREAM : 0),
                1,
                payload));
      }
      wire.end();
      wire.rest(1000);
    } catch (SocketException closed) {
      // as good an answer as any
      return;
    }
  }

  /** It answers at once over both protocols, and has no thread that runs for ever. */
  private static void assertSane(Daemon daemon) throws Exception {
    assertTrue(daemon.running(), daemon.log());
    long start = System.nanoTime();
    assertEquals(200, daemon.rest().get("/api/v1/info").status());
    daemon.experiments().listExperiments(io.faultd.v1.ListExperimentsRequest.getDefaultInstance());
    long took = (System.nanoTime() - start) / 1_000_000;
    assertTrue(took < 2000, "answers after " + took + " ms");
    eventually("it is idle", () -> busy(daemon) < 20);
    assertTrue(!daemon.log().contains("OutOfMemory"), daemon.log());
  }

  /** Hundredths of a processor that it used within half a second. */
  private static long busy(Daemon daemon) throws Exception {
    long before = daemon.ticks();
    long end = System.nanoTime() + 500_000_000;
    eventually("half a second is over", () -> System.nanoTime() > end);
    return (daemon.ticks() - before) * 2;
  }

  private void count(String what) {
    answers.merge(what, 1, Integer::sum);
  }

  /** Messages as they are. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
