package io.faultd.client;

import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonStructure;
import jakarta.json.spi.JsonProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.NoRouteToHostException;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One request, one answer.
 *
 * <p>By {@link HttpURLConnection}: java.net.http takes 130 ms more until its first answer.
 */
final class Rest {
  static final JsonProvider JSON = JsonProvider.provider();

  /** The scheme of a server that is reached by a Unix socket. */
  static final String UNIX = "unix";

  private static final String API = "/api/v1";
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final String EVENTS = "text/event-stream";
  private static final int REFUSALS = 400;

  static {
    // Java would repeat an order by itself whose answer was cut, and nobody would know
    System.setProperty("sun.net.http.retryPost", "false");
  }

  private final URI server;
  private final @Nullable String token;
  private final @Nullable SSLSocketFactory trust;

  /**
   * A way to a daemon.
   *
   * @param server such as {@code http://127.0.0.1:9000} or {@code unix:/run/faultd/api.sock}
   * @param token presented with each request
   * @param trust whose certificate it may have, and what it is shown; absent: what Java knows
   */
  Rest(URI server, @Nullable String token, @Nullable SSLSocketFactory trust) {
    this.server = server;
    this.token = token;
    this.trust = trust;
  }

  /**
   * Asks.
   *
   * @return an answer that is no refusal
   * @throws UnreachableException if there was none
   * @throws ClientException for a refusal
   */
  Answer call(Request request) {
    HttpURLConnection connection = open(request);
    boolean sent = false;
    try {
      connection.connect();
      sent = true;
      if (request.body() != null) {
        try (OutputStream out = connection.getOutputStream()) {
          out.write(request.body().toString().getBytes(StandardCharsets.UTF_8));
        }
      }
      int status = connection.getResponseCode();
      Optional<JsonStructure> document = document(connection, status);
      if (status >= REFUSALS) {
        throw refusal(connection, status, document);
      }
      if (!taken(status) || document.isEmpty()) {
        // such as the page of a proxy that wants a login: to take it for a yes would be a lie
        throw stranger(status);
      }
      return new Answer(status, document.get());
    } catch (IOException e) {
      throw unreachable(e, sent);
    }
  }

  /**
   * A stream of events.
   *
   * @param quiet the longest silence
   * @return empty if there are no more (204)
   */
  Optional<InputStream> stream(String path, String lastEvent, Duration quiet) {
    HttpURLConnection connection = open(new Request("GET", path, null, quiet, null));
    connection.setRequestProperty("Accept", EVENTS);
    if (!lastEvent.isEmpty()) {
      connection.setRequestProperty("Last-Event-ID", lastEvent);
    }
    try {
      int status = connection.getResponseCode();
      if (status >= REFUSALS) {
        throw refusal(connection, status, document(connection, status));
      }
      if (status == HttpURLConnection.HTTP_NO_CONTENT) {
        return Optional.empty();
      }
      String type = Objects.requireNonNullElse(connection.getContentType(), "");
      if (!taken(status) || !type.startsWith(EVENTS)) {
        throw stranger(status);
      }
      return Optional.of(connection.getInputStream());
    } catch (IOException e) {
      throw unreachable(e, true);
    }
  }

  private HttpURLConnection open(Request request) {
    try {
      HttpURLConnection connection = to(API + request.path());
      if (trust != null && connection instanceof HttpsURLConnection secure) {
        secure.setSSLSocketFactory(trust);
      }
      connection.setRequestMethod(request.method());
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setConnectTimeout((int) CONNECT.toMillis());
      connection.setReadTimeout((int) Math.min(Integer.MAX_VALUE, request.limit().toMillis()));
      connection.setRequestProperty("Accept", "application/json");
      if (token != null) {
        connection.setRequestProperty("Authorization", "Bearer " + token);
      }
      if (request.key() != null) {
        connection.setRequestProperty("Idempotency-Key", request.key());
      }
      if (request.body() != null) {
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
      }
      return connection;
    } catch (IOException e) {
      throw unreachable(e, false);
    }
  }

  private HttpURLConnection to(String path) throws IOException {
    return UNIX.equals(server.getScheme())
        ? new UnixConnection(
            Path.of(server.getPath()), URI.create("http://localhost" + path).toURL())
        : (HttpURLConnection) URI.create(server + path).toURL().openConnection(Proxy.NO_PROXY);
  }

  private static Optional<JsonStructure> document(HttpURLConnection connection, int status)
      throws IOException {
    byte[] bytes;
    try (InputStream in =
        status >= REFUSALS ? connection.getErrorStream() : connection.getInputStream()) {
      bytes = in == null ? new byte[0] : in.readAllBytes();
    }
    try (JsonReader reader = JSON.createReader(new ByteArrayInputStream(bytes))) {
      return bytes.length == 0 ? Optional.empty() : Optional.of(reader.read());
    } catch (JsonException noJson) {
      return Optional.empty();
    }
  }

  /** What an answer that is an error means; every one of a faultd is an R. */
  private ClientException refusal(
      HttpURLConnection connection, int status, Optional<JsonStructure> document) {
    if (!(document.orElse(null) instanceof JsonObject answer)
        || !(answer.get("error") instanceof JsonString error)) {
      return stranger(status);
    }
    String message = error.getString();
    if (status == HttpURLConnection.HTTP_UNAVAILABLE
        && connection.getHeaderField("Retry-After") != null) {
      return new UnreachableException(server + ": " + message, false);
    }
    Outcome outcome =
        switch (answer.getString("reason", "")) {
          case "RESIDUE" -> Outcome.RESIDUE;
          case "INJECT_FAILED" -> Outcome.NO_EFFECT;
          default -> Outcome.REFUSED;
        };
    return new ClientException(outcome, message, answer);
  }

  private static boolean taken(int status) {
    return status / 100 == 2;
  }

  /** Something between us and a daemon may have passed the request on before it failed. */
  private UnreachableException stranger(int status) {
    return new UnreachableException(
        server + " answers " + status + ", but is no faultd",
        taken(status) || status >= HttpURLConnection.HTTP_INTERNAL_ERROR);
  }

  private UnreachableException unreachable(IOException e, boolean sent) {
    boolean nobody =
        e instanceof ConnectException
            || e instanceof NoRouteToHostException
            || e instanceof UnknownHostException;
    // who does not believe the other takes nothing from it, later neither
    boolean never = nobody || e instanceof SSLHandshakeException;
    String why =
        e instanceof UnknownHostException ? "no such host" : String.valueOf(e.getMessage());
    return new UnreachableException(
        "no answer from " + server + ": " + why + (nobody ? "; does faultd run there?" : ""),
        sent && !never,
        sent && e instanceof SocketTimeoutException);
  }

  /**
   * A request.
   *
   * @param path below the interface's, with its query
   * @param body absent: none
   * @param limit how long to wait for the answer
   * @param key under which the daemon remembers its answer
   */
  record Request(
      String method,
      String path,
      @Nullable JsonObject body,
      Duration limit,
      @Nullable String key) {}

  /** An answer that is no refusal. */
  record Answer(int status, JsonStructure document) {
    JsonObject object() {
      return document instanceof JsonObject object ? object : JsonObject.EMPTY_JSON_OBJECT;
    }
  }
}
