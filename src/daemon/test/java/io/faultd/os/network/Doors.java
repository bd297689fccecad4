package io.faultd.os.network;

import io.faultd.testing.Cable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;

/** Whether a port of this side can be reached from the far side. */
final class Doors {
  /** Longer than connecting takes on a machine that is busy. */
  private static final int PATIENCE_MILLIS = 10_000;

  /** Longer than it takes on one that is not; what is lost would wait for ever. */
  private static final int IN_VAIN_MILLIS = 600;

  private Doors() {}

  /**
   * Whether the far side can connect to here, and exchange a byte.
   *
   * @param from a port of the far side; 0: any
   */
  static boolean reached(Cable cable, int port, String address, int from) throws IOException {
    return reached(cable, port, address, from, PATIENCE_MILLIS);
  }

  /** Whether the far side waits in vain to be connected to here. */
  static boolean shut(Cable cable, int port, String address, int from) throws IOException {
    return !reached(cable, port, address, from, IN_VAIN_MILLIS);
  }

  private static boolean reached(Cable cable, int port, String address, int from, int millis)
      throws IOException {
    return cable.far(() -> {
      try (Socket socket = new Socket()) { // made when it is bound or connects, so there
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(from));
        socket.connect(new InetSocketAddress(InetAddress.getByName(address), port), millis);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.getOutputStream().write(1);
        return socket.getInputStream().read() == 1;
      } catch (SocketTimeoutException lost) {
        return false;
      }
    });
  }

  /** Answers each connection with the byte that came, until it is closed. */
  static AutoCloseable serving(ServerSocket server) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                  socket.setSoTimeout(PATIENCE_MILLIS); // the end of a connection may be lost
                  socket.getOutputStream().write(socket.getInputStream().read());
                } catch (IOException gone) {
                  continue;
                }
              }
            });
    return () -> {
      server.close();
      thread.join();
    };
  }
}
