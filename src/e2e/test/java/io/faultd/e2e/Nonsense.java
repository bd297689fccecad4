package io.faultd.e2e;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * Requests that nobody should send. Each order among them is wrong in at least two ways, so that no
 * change of one byte makes it one that breaks something.
 */
final class Nonsense {
  private static final List<String> VALUES =
      List.of(
          "null",
          "[]",
          "{}",
          "[{\"a\":[1]}]",
          "-1",
          "1e999",
          "99999999999999999999999999",
          "0.0000000000000000000000001",
          "\"\"",
          "\" \"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"../../etc\"",
          "\"%00%2e%2e\"",
          "\"'; drop table experiment; --\"",
          "\"${jndi:ldap://x}\"",
          "\"1h1h\"",
          "\"NaN\"",
          "\"0x10\"",
          "\"\\uFEFF\\u202e\"");

  private static final List<String> ACTIONS =
      List.of("chmod", "append", "delete", "move", "add", "kill", "stop", "fullload", "", "x");

  private static final List<String> FLAGS =
      List.of(
          "mark",
          "content",
          "count",
          "interval",
          "escape",
          "target",
          "force",
          "directory",
          "signal",
          "process-cmd",
          "local-port",
          "cpu-percent",
          "cpu-list",
          "climb-time",
          "timeout",
          "async",
          "allow-protected",
          "endpoint",
          "no-such-flag",
          "");

  private static final List<String> PATHS =
      List.of(
          "/",
          "//",
          "/%2e%2e/",
          "/%00",
          "/api",
          "/api/v1/",
          "/api/v1//experiments",
          "/api/v1/experiments/",
          "/api/v1/experiments/%2e%2e",
          "/api/v1/experiments/..%2f..",
          "/api/v1/experiments/%00",
          "/api/v1/experiments/%zz",
          "/api/v1/experiments/a;b=c",
          "/api/v1/experiments/x/events/y",
          "/api/v1/status?type=%00",
          "/api/v1/status?limit=-1",
          "/api/v1/status?limit=9999999999,1&type=c",
          "/api/v1/status?type=create&type=d",
          "/api/v1/status?label=%3d",
          "/api/v1/status?flag=%ff%fe&type=c",
          "/api/v1/status?a=b",
          "/api/v1/audit?since=yesterday",
          "/api/v1/targets?kind=teapot",
          "/health/../api/v1/info",
          "/metrics/x",
          "/api/v1/preparations/x",
          "*",
          "http://evil.example/api/v1/info",
          "/api/v1/experiments?wait=settled&waitTimeout=-1s",
          "/api/v1/experiments?force=maybe");

  private static final List<String> METHODS =
      List.of("POST", "DELETE", "PUT", "PATCH", "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "G@T");

  private static final List<String> HEADERS =
      List.of(
          "Content-Length: -1",
          "Content-Length: 99999999999999999999",
          "Content-Length: 1, 2",
          "Content-Length: 5\r\nContent-Length: 6",
          "Transfer-Encoding: gzip, chunked",
          "Transfer-Encoding: chunked\r\nContent-Length: 3",
          "Transfer-Encoding: identity",
          "Expect: 200-maybe",
          "Expect: 100-continue",
          "Upgrade: h2c\r\nHTTP2-Settings: ***",
          "Upgrade: websocket\r\nConnection: Upgrade",
          "Host: a\r\nHost: b",
          "Host:",
          "NoColonHere",
          ": empty",
          "X-\u0001: y",
          "X: a\r b",
          "X: \u0000",
          " folded: yes",
          "Cookie: \u00ff\u00fe",
          "Content-Type: text/\u0000",
          "Content-Type: application/json; charset=klingon",
          "Accept: ;;;",
          "Accept: text/plain;q=7",
          "Idempotency-Key: \u00e4",
          "Last-Event-ID: -9",
          "Idempotency-Key: a\r\nX-Idempotency-Token: b",
          "Authorization: Basic ####",
          "Connection: close, close, keep-alive",
          "Range: bytes=9-1",
          "Accept-Encoding: gzip;q=x");

  private final Random random;
  private final String folder;

  /** Of that source of chance; paths of files that are not there are in that folder. */
  Nonsense(Random random, String folder) {
    this.random = random;
    this.folder = folder;
  }

  /** A request of HTTP/1.1 whose framing is right: it must be answered. */
  byte[] request() {
    return switch (random.nextInt(4)) {
      case 0 -> post(order());
      case 1 -> post(flipped(order()));
      case 2 -> post(cut(order()));
      default -> {
        byte[] body = bytes(random.nextInt(200));
        yield framed("POST", "/api/v1/experiments", "application/json", body);
      }
    };
  }

  /** A request whose line and headers can be wrong; it may well be answered by a close. */
  byte[] head() {
    StringBuilder head = new StringBuilder();
    String method = random.nextInt(3) == 0 ? "GET" : pick(METHODS);
    head.append(method).append(' ').append(path());
    head.append(random.nextInt(9) == 0 ? " HTTP/9.9\r\n" : " HTTP/1.1\r\n");
    if (random.nextInt(9) != 0) {
      head.append("Host: localhost\r\n");
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      head.append(pick(HEADERS)).append("\r\n");
    }
    if (random.nextInt(20) == 0) {
      head.append("X-Long: ").append("a".repeat(random.nextInt(20_000))).append("\r\n");
    }
    head.append("\r\n");
    byte[] bytes = head.toString().getBytes(StandardCharsets.ISO_8859_1);
    return random.nextInt(4) == 0 ? flipped(bytes) : bytes;
  }

  /** HTTP/2 after a good preface: frames of any kind, or a request whose headers are wrong. */
  byte[] frames() {
    byte[] start = Frames.all(Frames.PREFACE, Frames.settings());
    return switch (random.nextInt(4)) {
      case 0 -> Frames.all(start, bytes(9 + random.nextInt(100)));
      case 1 -> {
        byte[] frames = start;
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
          byte[] payload = bytes(random.nextInt(64));
          int stream = random.nextInt(5);
          frames =
              Frames.all(
                  frames, Frames.frame(random.nextInt(12), random.nextInt(256), stream, payload));
        }
        yield frames;
      }
      case 2 -> Frames.all(start, headers(Frames.block(pseudo())), Frames.frame(0, 1, 1, order()));
      default -> Frames.all(start, headers(flipped(Frames.block(pseudo()))));
    };
  }

  /** What a gRPC method is given. */
  byte[] message() {
    if (random.nextInt(3) == 0) {
      return bytes(random.nextInt(300));
    }
    // a field of CreateExperimentRequest and the like, with a length that may be wrong
    byte[] text = order();
    byte[] message = new byte[2 + Math.min(100, text.length)];
    message[0] = (byte) (random.nextInt(12) << 3 | random.nextInt(8));
    message[1] = (byte) (random.nextBoolean() ? message.length - 2 : random.nextInt(256));
    System.arraycopy(text, 0, message, 2, message.length - 2);
    return message;
  }

  /** A body that is too large by far, in either framing. */
  byte[] large() {
    byte[] body = new byte[(1 << 20) + 1 + random.nextInt(1 << 18)];
    java.util.Arrays.fill(body, (byte) '[');
    if (random.nextBoolean()) {
      return framed("POST", "/api/v1/experiments", "application/json", body);
    }
    String head =
        "POST /api/v1/experiments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + Integer.toHexString(body.length)
            + "\r\n";
    return Frames.all(ascii(head), body, ascii("\r\n0\r\n\r\n"));
  }

  /** Headers of which one or another is wrong. */
  private String[] pseudo() {
    String[] pairs = {
      ":method",
      random.nextInt(6) == 0 ? pick(List.of("", "G T", "TRACE")) : pick(List.of("POST", "GET")),
      ":scheme",
      random.nextInt(6) == 0 ? pick(List.of("gopher", "")) : "http",
      ":path",
      path().replaceAll("[^ -~]", "?"),
      ":authority",
      random.nextInt(6) == 0 ? pick(List.of("", "evil.example", "[::1")) : "localhost",
      pick(List.of("te", "X-UPPER", "", "content-length", "grpc-timeout", "content-type", ":late")),
      pick(List.of("trailers", "-5", "99999999999S", "application/grpc", "application/json"))
    };
    return random.nextInt(3) == 0 ? pairs : java.util.Arrays.copyOf(pairs, 8);
  }

  private static byte[] headers(byte[] block) {
    return Frames.frame(Frames.HEADERS, Frames.END_HEADERS, 1, block);
  }

  private String path() {
    String path = pick(PATHS);
    return switch (random.nextInt(6)) {
      case 0 -> path + "/" + "x".repeat(random.nextInt(9000));
      case 1 -> path + "%" + (char) (33 + random.nextInt(90)) + (char) (33 + random.nextInt(90));
      case 2 ->
          path + "?" + new String(bytes(8), StandardCharsets.ISO_8859_1).replaceAll("\\s", "");
      default -> path;
    };
  }

  private byte[] order() {
    StringBuilder flags = new StringBuilder("\"filepath\":\"" + folder + "/not/there\"");
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      flags.append(",\"").append(pick(FLAGS)).append("\":").append(pick(VALUES));
    }
    String extra = random.nextInt(3) == 0 ? ",\"" + pick(FLAGS) + "\":" + pick(VALUES) : "";
    return ("{\"target\":\""
            + pick(List.of("fyle", "prozess", "zpu", "file", "", "jvm"))
            + "\","
            + "\"action\":\""
            + pick(ACTIONS)
            + "\",\"flags\":{"
            + flags
            + ",\"not-a-flag\":\"1\",\"neither\":2}"
            + extra
            + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] post(byte[] body) {
    return framed("POST", "/api/v1/experiments", "application/json", body);
  }

  private static byte[] framed(String method, String path, String type, byte[] body) {
    String head =
        "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(method, path, type, body.length);
    return Frames.all(ascii(head), body);
  }

  private byte[] flipped(byte[] bytes) {
    for (int i = 1 + random.nextInt(3); i > 0 && bytes.length > 0; i--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private byte[] cut(byte[] bytes) {
    return java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
  }

  byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  <T> T pick(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }
}
