package io.faultd.e2e;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A connection to which any bytes can be written, with just enough sense of HTTP/1.1. */
final class Wire implements AutoCloseable {
  private static final int PATIENCE = 30_000;

  private final Socket socket;
  private final InputStream in;

  Wire(int port) throws IOException {
    socket = new Socket("127.0.0.1", port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE);
    in = new BufferedInputStream(socket.getInputStream());
  }

  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Says that nothing follows. */
  void end() throws IOException {
    socket.shutdownOutput();
  }

  /**
   * Reads one response of HTTP/1.1.
   *
   * @throws EOFException if the connection is closed instead
   */
  Rest.Answer answer() throws IOException {
    String status = line();
    int length = 0;
    boolean chunked = false;
    StringBuilder all = new StringBuilder(status).append('\n');
    for (String line = line(); !line.isEmpty(); line = line()) {
      all.append(line).append('\n');
      String small = line.toLowerCase(Locale.ROOT);
      if (small.startsWith("content-length:")) {
        length = Integer.parseInt(small.substring(15).strip());
      }
      chunked |= small.startsWith("transfer-encoding:") && small.contains("chunked");
    }
    int code = Integer.parseInt(status.split(" ", 3)[1]);
    if (code == 204 || code == 304) {
      return new Rest.Answer(code, all.toString());
    }
    if (code == 100) {
      return answer();
    }
    if (!chunked) {
      return new Rest.Answer(code, all + text(in.readNBytes(length)));
    }
    for (int size = size(); size > 0; size = size()) {
      all.append(text(in.readNBytes(size)));
      line();
    }
    line();
    return new Rest.Answer(code, all.toString());
  }

  /** All that comes until the connection is closed, reset, or nothing comes for some time. */
  byte[] rest(int patience) throws IOException {
    socket.setSoTimeout(patience);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        all.write(buffer, 0, n);
      }
    } catch (SocketTimeoutException silent) {
      return all.toByteArray();
    } catch (IOException reset) {
      return all.toByteArray();
    }
    return all.toByteArray();
  }

  private int size() throws IOException {
    return Integer.parseInt(line().strip(), 16);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("closed after \"" + line + '"');
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
