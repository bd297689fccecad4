package io.faultd.http;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.port.Alarm;
import io.faultd.port.Wait;
import io.faultd.spec.Names;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import jakarta.json.JsonConfig;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonReaderFactory;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The body of a request: read once, bounded, strictly. */
final class Body {
  /** A larger one is refused. */
  static final int LARGEST = 1 << 20;

  /** So much of a refused one is read all the same, so that the client sees the answer. */
  private static final int DROPPED = 8 << 20;

  /** Those that have more than {@link #SMALL} bytes are read so many at a time. */
  private static final Semaphore ROOM = new Semaphore(8);

  private static final int SMALL = 16 * 1024;

  /** More than each of those may take. */
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  private static final JsonReaderFactory READERS =
      Documents.PROVIDER.createReaderFactory(
          Map.of(
              JsonConfig.KEY_STRATEGY,
              JsonConfig.KeyStrategy.NONE,
              "org.eclipse.parsson.maxDepth",
              16));

  private final byte[] bytes;
  private final String type;

  private Body(byte[] bytes, String type) {
    this.bytes = bytes;
    this.type = type;
  }

  /** One that nobody has sent. */
  static Body of(String document) {
    return new Body(document.getBytes(StandardCharsets.UTF_8), Documents.JSON);
  }

  /** The body that {@link #receive} read. */
  static Body of(ServerRequest req) {
    return req.context().get(Body.class).orElseThrow();
  }

  /**
   * Reads the body and keeps it for {@link #of}.
   *
   * @param wait the present thread's
   * @throws HttpFailure 413
   * @throws FaultException LIMIT, if there are too many large ones at once
   */
  static void receive(ServerRequest req, ServerResponse res, Wait wait) {
    byte[] bytes = read(req, res, wait, true);
    String type = req.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
    req.context().register(new Body(bytes, type));
  }

  /** Reads and forgets the body of a request that is refused, or needs none. */
  static void drop(ServerRequest req, ServerResponse res, Wait wait) {
    if (req.headers().containsToken(HeaderValues.EXPECT_100)) {
      res.header(HeaderValues.CONNECTION_CLOSE);
    } else {
      try {
        read(req, res, wait, false);
      } catch (HttpFailure tooLarge) {
        // the refusal that is under way says more
        return;
      }
    }
  }

  private static byte[] read(ServerRequest req, ServerResponse res, Wait wait, boolean keep) {
    if (!req.content().hasEntity()) {
      wait.close();
      return new byte[0];
    }
    try (InputStream in = req.content().inputStream();
        Kept kept = new Kept(wait, keep)) {
      byte[] buffer = new byte[8192];
      int n = next(in, buffer, wait);
      while (n >= 0 && kept.total <= DROPPED) {
        kept.add(buffer, n);
        n = next(in, buffer, wait);
      }
      if (n < 0) {
        wait.close();
      } else {
        res.header(HeaderValues.CONNECTION_CLOSE);
      }
      return kept.bytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (DataReader.InsufficientDataAvailableException | NumberFormatException cut) {
      res.header(HeaderValues.CONNECTION_CLOSE);
      throw new HttpFailure(Status.BAD_REQUEST_400, "the body ends before its end");
    }
  }

  /** Reads on, unless there is nobody left to read from. */
  private static int next(InputStream in, byte[] buffer, Wait wait) throws IOException {
    wait.begin();
    try {
      int n = in.read(buffer);
      if (!wait.end()) {
        return n;
      }
    } catch (IOException | RuntimeException e) {
      if (!wait.end()) {
        throw e;
      }
    }
    throw new CloseConnectionException("the client is gone, or took too long");
  }

  /** What was read of a body. */
  private static final class Kept implements AutoCloseable {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Wait wait;
    private final boolean keep;
    private Alarm alarm;
    private int total;
    private boolean large;

    Kept(Wait wait, boolean keep) {
      this.wait = wait;
      this.keep = keep;
      this.alarm = wait.alarm();
    }

    void add(byte[] buffer, int n) {
      total += n;
      if (keep && total <= LARGEST) {
        if (!large && total > SMALL) {
          alarm.close(); // what others take is not its own time
          large = reserved();
          alarm = wait.alarm();
        }
        bytes.write(buffer, 0, n);
      }
    }

    private static boolean reserved() {
      try {
        if (ROOM.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
          return true;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new FaultException(Reason.LIMIT, "too many large bodies at once; try again later");
    }

    byte[] bytes() {
      if (total > LARGEST) {
        throw new HttpFailure(Status.REQUEST_ENTITY_TOO_LARGE_413, "the body has more than 1 MiB");
      }
      return bytes.toByteArray();
    }

    @Override
    public void close() {
      alarm.close();
      if (large) {
        ROOM.release();
      }
    }
  }

  boolean empty() {
    return bytes.length == 0;
  }

  /**
   * The object that the body is.
   *
   * @throws HttpFailure 415, 400
   */
  Fields object() {
    String media = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    boolean json = media.equals(Documents.JSON) || media.endsWith("+json");
    if (!json) {
      throw new HttpFailure(
          Status.UNSUPPORTED_MEDIA_TYPE_415,
          "the body must be sent with Content-Type: application/json");
    }
    if (empty()) {
      throw malformed("is empty; it must be a JSON object");
    }
    JsonValue document = document();
    if (document instanceof JsonObject object) {
      return new Fields(object);
    }
    throw malformed("is JSON, but not an object");
  }

  private JsonValue document() {
    try {
      String text = text();
      try (JsonParser parser = Documents.PROVIDER.createParser(new StringReader(text))) {
        // the reader below would not see what follows the document
        while (parser.hasNext()) {
          parser.next();
        }
      }
      try (JsonReader reader = READERS.createReader(new StringReader(text))) {
        return reader.readValue();
      }
    } catch (CharacterCodingException e) {
      throw malformed("is not UTF-8");
    } catch (RuntimeException e) {
      // not only JsonException: too deep a nesting is a plain one
      throw malformed("is not JSON: " + Names.shown(String.valueOf(e.getMessage())));
    }
  }

  private String text() throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private static FaultException malformed(String what) {
    return new FaultException(Reason.BAD_REQUEST, "the body " + what);
  }
}
