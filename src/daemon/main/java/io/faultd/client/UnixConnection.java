package io.faultd.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URL;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One request of HTTP/1.1 over a Unix socket, and its answer; Java's own connections know only TCP.
 */
final class UnixConnection extends HttpURLConnection {
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3})( .*)?");
  private static final int LONGEST_LINE = 64 * 1024;

  private final Path socket;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final Map<String, String> headers = new TreeMap<>();
  private @Nullable SocketChannel channel;
  private @Nullable Selector waits;
  private @Nullable InputStream content;

  /**
   * A connection that is not made yet.
   *
   * @param socket where
   * @param url what is asked for; its host is sent as {@code Host}
   */
  UnixConnection(Path socket, URL url) {
    super(url);
    this.socket = socket;
  }

  @Override
  public void connect() throws IOException {
    if (channel != null) {
      return;
    }
    try {
      channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (SocketException e) { // there is no such file, or it may not be opened
      ConnectException nobody = new ConnectException(e.getMessage());
      nobody.initCause(e);
      throw nobody;
    }
  }

  /** What is written goes with the request, when its answer is asked for. */
  @Override
  public OutputStream getOutputStream() {
    return body;
  }

  @Override
  public int getResponseCode() throws IOException {
    if (content == null) {
      connect();
      try {
        send();
        receive(new BufferedInputStream(new Arriving()));
      } catch (IOException e) {
        disconnect();
        throw e;
      }
    }
    return responseCode;
  }

  private void send() throws IOException {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(url.getFile()).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(url.getHost()).append("\r\nConnection: close\r\n");
    for (Map.Entry<String, List<String>> each : getRequestProperties().entrySet()) {
      each.getValue()
          .forEach(value -> head.append(each.getKey()).append(": ").append(value).append("\r\n"));
    }
    if (getDoOutput()) {
      head.append("Content-Length: ").append(body.size()).append("\r\n");
    }
    write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    write(body.toByteArray());
  }

  private void write(byte[] bytes) throws IOException {
    for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
      open().write(left);
    }
  }

  private void receive(InputStream in) throws IOException {
    Matcher status = STATUS.matcher(line(in));
    if (!status.matches()) {
      throw new IOException("what answers speaks no HTTP/1.1");
    }
    responseCode = Integer.parseInt(status.group(1));
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    content = content(in);
  }

  /** RFC 9112, 6.3. */
  private InputStream content(InputStream in) throws IOException {
    if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
      return new Pieces(in, true, 0);
    }
    String length = headers.get("content-length");
    if (length != null) {
      try {
        return new Pieces(in, false, Long.parseLong(length));
      } catch (NumberFormatException e) {
        throw new IOException("an answer whose length is no number", e);
      }
    }
    return responseCode == HTTP_NO_CONTENT ? new Pieces(in, false, 0) : in;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0 || line.length() > LONGEST_LINE) {
        throw new EOFException("the answer ended within its head");
      }
      line.append((char) next);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public InputStream getInputStream() throws IOException {
    int status = getResponseCode();
    if (content == null || status >= HTTP_BAD_REQUEST) {
      throw new IOException("the answer is " + status);
    }
    return content;
  }

  @Override
  public @Nullable InputStream getErrorStream() {
    return responseCode >= HTTP_BAD_REQUEST ? content : null;
  }

  @Override
  public @Nullable String getHeaderField(String name) {
    return headers.get(name.toLowerCase(Locale.ROOT));
  }

  private SocketChannel open() throws IOException {
    if (channel == null) {
      throw new IOException("is not connected");
    }
    return channel;
  }

  @Override
  public void disconnect() {
    try {
      if (waits != null) {
        waits.close();
      }
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // it is gone either way
    }
  }

  @Override
  public boolean usingProxy() {
    return false;
  }

  /** What the other end sends; a wait for more of it ends with the time to read. */
  private final class Arriving extends InputStream {
    private final SocketChannel from;
    private final Selector selector;

    Arriving() throws IOException {
      from = open();
      selector = Selector.open();
      waits = selector;
      from.configureBlocking(false);
      from.register(selector, SelectionKey.OP_READ);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int at, int length) throws IOException {
      ByteBuffer room = ByteBuffer.wrap(bytes, at, length);
      int read = from.read(room);
      while (read == 0 && length > 0) {
        if (selector.select(getReadTimeout()) == 0) {
          throw new SocketTimeoutException("Read timed out");
        }
        selector.selectedKeys().clear();
        read = from.read(room);
      }
      return read;
    }

    @Override
    public void close() {
      disconnect();
    }
  }

  /** A body whose end is known: of one piece, or of chunks (RFC 9112, 7.1). */
  private static final class Pieces extends InputStream {
    private final InputStream from;
    private final boolean chunked;
    private long left;
    private boolean begun;
    private boolean ended;

    Pieces(InputStream from, boolean chunked, long left) {
      this.from = from;
      this.chunked = chunked;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int at, int length) throws IOException {
      if (left == 0 && !ended) {
        next();
      }
      if (ended) {
        return -1;
      }
      int read = from.read(bytes, at, (int) Math.min(left, length));
      if (read < 0) {
        throw new EOFException("the answer was cut");
      }
      left -= read;
      return read;
    }

    private void next() throws IOException {
      if (chunked) {
        if (begun) {
          line(from); // behind the one before
        }
        begun = true;
        String size = line(from).replaceFirst(";.*", "").strip();
        try {
          left = Long.parseLong(size, 16);
        } catch (NumberFormatException e) {
          throw new IOException("a chunk whose size is no number", e);
        }
      }
      ended = left == 0;
      while (ended && chunked && !line(from).isEmpty()) {
        // fields that come behind the body
      }
    }

    @Override
    public void close() throws IOException {
      from.close();
    }
  }
}
