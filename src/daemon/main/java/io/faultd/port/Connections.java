package io.faultd.port;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionSelector;
import io.helidon.webserver.http2.spi.Http2SubProtocolSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * HTTP/2 that knows which connections are gone.
 *
 * <p>Helidon cancels a call when its client says so, but not when the client dies and says nothing;
 * and a thread that waits for what a stream brings next would wait for ever.
 */
public final class Connections implements ServerConnectionSelector {
  /** Bytes that a client may send ahead on all its streams. */
  private static final int WINDOW = 256 * 1024;

  private static final int STREAMS = 256;

  private final Http2ConnectionSelector http2;
  private final Duration patience;
  private final Map<String, Waits> open = new ConcurrentHashMap<>();

  /**
   * Of one port.
   *
   * @param patience how long a body may take to arrive
   * @param protocols what is spoken on top of HTTP/2
   */
  public Connections(Duration patience, Http2SubProtocolSelector... protocols) {
    this.patience = patience;
    Http2ConnectionSelector.Builder builder =
        Http2ConnectionSelector.builder()
            .http2Config(
                Http2Config.builder()
                    .maxConcurrentStreams(STREAMS)
                    .initialWindowSize(WINDOW)
                    .maxRapidResets(50)
                    .maxEmptyFrames(10)
                    .build());
    for (Http2SubProtocolSelector protocol : protocols) {
      builder.addSubProtocolSelector(new Woken(protocol, this));
    }
    this.http2 = builder.build();
  }

  /** Whether a connection that is open now, by Helidon's name of its socket, was closed since. */
  public BooleanSupplier closed(String connection) {
    Waits waits = open.get(connection);
    return waits == null ? () -> false : waits::over;
  }

  /**
   * The present thread, which will wait for what a connection brings.
   *
   * @param connection Helidon's name of its socket
   */
  public Wait waiting(String connection) {
    return waiting(connection, () -> {});
  }

  /** The same; {@code gone} is run when the connection is gone, whatever the thread does then. */
  Wait waiting(String connection, Runnable gone) {
    return open.getOrDefault(connection, Waits.ENDLESS).add(Thread.currentThread(), gone, patience);
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http2.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http2.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http2.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    return new Watched(http2.connection(context), context.childSocketId());
  }

  /** A connection that tells its end. */
  private final class Watched implements ServerConnection, InterruptableTask<Void> {
    private final ServerConnection connection;
    private final String name;

    Watched(ServerConnection connection, String name) {
      this.connection = connection;
      this.name = name;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
      Waits waits = new Waits();
      open.put(name, waits);
      try {
        connection.handle(limit);
      } finally {
        waits.end();
        open.remove(name, waits);
      }
    }

    /**
     * None while a request is open: a watch on which there is nothing to say is not idle, and
     * Helidon counts from what the client sent last.
     */
    @Override
    public Duration idleTime() {
      return canInterrupt() ? connection.idleTime() : Duration.ZERO;
    }

    @Override
    public void close(boolean interrupt) {
      connection.close(interrupt);
    }

    @Override
    public boolean canInterrupt() {
      return !(connection instanceof InterruptableTask<?> task) || task.canInterrupt();
    }

    @Override
    public Void call() {
      throw new UnsupportedOperationException("a connection is handled, not called");
    }
  }
}
