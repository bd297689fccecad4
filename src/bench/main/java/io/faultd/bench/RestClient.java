package io.faultd.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A connection over HTTP/1.1, kept alive; made with the first request.
 *
 * <p>A bare socket: java.net.http takes as much of the processors as the daemon, and here they
 * share them.
 */
final class RestClient implements Client {
  private static final String API = "/api/v1/";

  private final int port;
  private @Nullable Socket socket;
  private InputStream in = InputStream.nullInputStream();

  RestClient(int port) {
    this.port = port;
  }

  /** What came back. */
  private record Answer(int status, Map<String, String> headers, String body) {}

  @Override
  public String create(String file) throws IOException {
    return create("file", "chmod", "{\"filepath\":\"%s\",\"mark\":\"000\"}".formatted(file));
  }

  /** Makes any experiment; its uid. */
  String create(String target, String action, String flags) throws IOException {
    String body =
        "{\"target\":\"%s\",\"action\":\"%s\",\"flags\":%s}".formatted(target, action, flags);
    Answer answer = sent("POST", "experiments", body, 201);
    String location = answer.headers().getOrDefault("location", "");
    return location.substring(location.lastIndexOf('/') + 1);
  }

  @Override
  public void destroy(String uid) throws IOException {
    sent("DELETE", "experiments/" + uid, "", 200);
  }

  @Override
  public void read(String uid) throws IOException {
    sent("GET", "experiments/" + uid, "", 200);
  }

  /** What some path says. */
  String get(String path) throws IOException {
    return sent("GET", path, "", 200).body();
  }

  private Answer sent(String method, String path, String body, int wanted) throws IOException {
    Socket open = socket;
    if (open == null) {
      open = new Socket(InetAddress.getLoopbackAddress(), port);
      open.setTcpNoDelay(true);
      in = new BufferedInputStream(open.getInputStream());
      socket = open;
    }
    String head =
        "%s %s%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                .formatted(method, API, path)
            + (body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n")
            + "\r\n";
    open.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
    Answer answer = answer();
    if (answer.status() != wanted) {
      throw new IOException(answer.toString());
    }
    return answer;
  }

  private Answer answer() throws IOException {
    int status = Integer.parseInt(line().split(" ", 3)[1]);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      String[] parts = line.split(": ?", 2);
      headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
    }
    StringBuilder body = new StringBuilder();
    if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      for (int size = chunk(); size > 0; size = chunk()) {
        body.append(text(size));
        line();
      }
      line();
    } else {
      body.append(text(Integer.parseInt(headers.getOrDefault("content-length", "0"))));
    }
    return new Answer(status, headers, body.toString());
  }

  private int chunk() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  private String text(int size) throws IOException {
    return new String(in.readNBytes(size), StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the server closed the connection");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    Socket open = socket;
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
