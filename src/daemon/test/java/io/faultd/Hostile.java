package io.faultd;

import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2HeadersDecoder;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** A client that speaks HTTP/2 by hand, as badly as it likes. */
final class Hostile implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;

  /** Where it comes from; others come from the usual address. */
  static final InetAddress ADDRESS = loopback(2);

  private static final InetAddress LOOPBACK = loopback(1);
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  final Socket socket;
  private final Http2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();

  /** A connection; nothing is sent yet. */
  Hostile(int port) throws IOException {
    socket = new Socket(LOOPBACK, port, ADDRESS, 0);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(20_000);
  }

  private static InetAddress loopback(int last) {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** One that has said that it speaks HTTP/2. */
  static Hostile http2(int port) throws IOException {
    Hostile hostile = new Hostile(port);
    hostile.send(PREFACE.getBytes(StandardCharsets.US_ASCII));
    hostile.send(frame(SETTINGS, 0, 0));
    return hostile;
  }

  void send(byte[]... parts) throws IOException {
    socket.getOutputStream().write(all(parts));
  }

  /** Sends it again and again until the other end has had enough; whether that came to be. */
  boolean flood(byte[] bytes, int times) {
    try {
      for (int i = 0; i < times; i++) {
        send(bytes);
      }
      return ended();
    } catch (SocketException closed) {
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads on until the other end closes; false if it does not. */
  boolean ended() throws IOException {
    try {
      InputStream in = socket.getInputStream();
      byte[] buffer = new byte[8192];
      int got;
      do {
        got = in.read(buffer);
      } while (got >= 0);
      return true;
    } catch (SocketTimeoutException open) {
      return false;
    } catch (SocketException reset) {
      return true;
    }
  }

  /**
   * Reads on until a stream has ended: its headers and trailers, and {@code data}, the bytes of
   * data; {@code reset} or {@code goaway}, the code of such a frame that came instead; or {@code
   * closed}.
   */
  Map<String, String> answer(int stream) throws IOException {
    Map<String, String> answer = new TreeMap<>();
    long bytes = 0;
    DataInputStream in = new DataInputStream(socket.getInputStream());
    try {
      while (true) {
        int first = in.readInt();
        int flags = in.readUnsignedByte();
        int id = in.readInt();
        byte[] payload = in.readNBytes(first >>> 8);
        int type = first & 0xff;
        if (type == HEADERS) {
          Map<String, String> headers = decoded(id, payload);
          answer.putAll(id == stream ? headers : Map.of());
        } else if (type == RST_STREAM && id == stream) {
          answer.put("reset", Integer.toString(payload[3]));
          return answer;
        } else if (type == GOAWAY) {
          answer.put("goaway", Integer.toString(payload[7]));
          return answer;
        } else if (type == DATA && id == stream) {
          bytes += payload.length;
        }
        if (id == stream && type <= HEADERS && (flags & END_STREAM) != 0) {
          answer.put("data", Long.toString(bytes));
          return answer;
        }
      }
    } catch (EOFException | SocketException end) {
      answer.put("closed", "");
      return answer;
    }
  }

  private Map<String, String> decoded(int stream, byte[] block) throws IOException {
    Map<String, String> headers = new TreeMap<>();
    try {
      decoder
          .decodeHeaders(stream, Unpooled.wrappedBuffer(block))
          .forEach(each -> headers.put(each.getKey().toString(), each.getValue().toString()));
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
    return headers;
  }

  /** A frame: RFC 9113, 4.1. */
  static byte[] frame(int type, int flags, int stream, byte... payload) {
    byte[] frame = new byte[9 + payload.length];
    frame[0] = (byte) (payload.length >> 16);
    frame[1] = (byte) (payload.length >> 8);
    frame[2] = (byte) payload.length;
    frame[3] = (byte) type;
    frame[4] = (byte) flags;
    frame[5] = (byte) (stream >> 24);
    frame[6] = (byte) (stream >> 16);
    frame[7] = (byte) (stream >> 8);
    frame[8] = (byte) stream;
    System.arraycopy(payload, 0, frame, 9, payload.length);
    return frame;
  }

  /** The headers of a POST to a path, with known names as numbers: RFC 7541, appendix A. */
  static byte[] post(String path, String type) {
    return all(
        bytes(0x83, 0x86, 0x44),
        text(path),
        bytes(0x41),
        text("localhost"),
        bytes(0x5f),
        text(type));
  }

  /** The headers of a GET. */
  static byte[] get(String path) {
    return all(bytes(0x82, 0x86, 0x44), text(path), bytes(0x41), text("localhost"));
  }

  /** A header that joins the table. */
  static byte[] indexed(String name, String value) {
    return all(bytes(0x40), text(name), text(value));
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static byte[] all(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** The same bytes again and again. */
  static byte[] times(int times, byte... bytes) {
    byte[][] parts = new byte[times][];
    Arrays.fill(parts, bytes);
    return all(parts);
  }

  private static byte[] text(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int left = text.length();
    if (left < 127) {
      out.write(left);
    } else {
      out.write(127);
      for (left -= 127; left >= 128; left >>= 7) {
        out.write(left & 127 | 128);
      }
      out.write(left);
    }
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
