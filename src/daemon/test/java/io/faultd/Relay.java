package io.faultd;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Between one client of HTTP/2 and its server: counts pings and their answers, and goes silent. */
final class Relay implements AutoCloseable {
  private static final int ACK = 1;

  private final ServerSocket entry = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final AtomicInteger answers = new AtomicInteger();
  private final int port;
  private volatile boolean silent;

  /**
   * A relay for one connection.
   *
   * @param port of the server
   */
  Relay(int port) throws IOException {
    this.port = port;
    Thread.ofVirtual().name("relay").start(this::serve);
  }

  int port() {
    return entry.getLocalPort();
  }

  /** How many pings the server has answered. */
  int answers() {
    return answers.get();
  }

  /** From now on nothing comes through, and nothing is closed, as if a cable were pulled. */
  void silence() {
    silent = true;
  }

  private void serve() {
    try (Socket client = entry.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
      Thread requests = Thread.ofVirtual().name("relay").start(() -> requests(client, server));
      frames(server, client);
      requests.join();
    } catch (IOException | InterruptedException over) {
      silent = true;
    }
  }

  private void requests(Socket client, Socket server) {
    byte[] buffer = new byte[8192];
    try {
      InputStream from = client.getInputStream();
      for (int got; (got = from.read(buffer)) >= 0; ) {
        if (!silent) {
          server.getOutputStream().write(buffer, 0, got);
        }
      }
      server.close();
    } catch (IOException over) {
      silent = true;
    }
  }

  private void frames(Socket server, Socket client) throws IOException {
    DataInputStream from = new DataInputStream(server.getInputStream());
    while (true) {
      byte[] header = from.readNBytes(9);
      if (header.length < 9) {
        return;
      }
      int length = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | header[2] & 0xff;
      byte[] payload = from.readNBytes(length);
      if (!silent) {
        client.getOutputStream().write(Hostile.all(header, payload));
        if (header[3] == Hostile.PING && header[4] == ACK) {
          answers.incrementAndGet();
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    silent = true;
    entry.close();
  }
}
