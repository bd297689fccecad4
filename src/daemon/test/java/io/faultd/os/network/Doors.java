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
  private Doors() {}

  /**
   * Whether the far side can connect to here in 600 ms, and exchange a byte.
   *
   * @param from a port of the far side; 0: any
   */
  static boolean reached(Cable cable, int port, String address, int from) throws IOException {
    return cable.far(() -> {
      try (Socket socket = new Socket()) { // made when it is bound or connects, so there
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(from));
        socket.connect(new InetSocketAddress(InetAddress.getByName(address), port), 600);
        socket.setSoTimeout(3_000);
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
