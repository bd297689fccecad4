package io.faultd.grpc;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.grpc.GrpcConfig;
import io.helidon.webserver.grpc.GrpcProtocolSelector;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * HTTP/2 for gRPC that knows which connections are gone.
 *
 * <p>Helidon cancels a call when its client says so, but not when the client dies and says nothing.
 */
final class Connections implements ServerConnectionSelector {
  private final Http2ConnectionSelector http2;
  private final Map<String, AtomicBoolean> open = new ConcurrentHashMap<>();

  /**
   * Of one socket.
   *
   * @param readBuffer bytes of the largest message that is read
   * @param methods all that there are, as {@code package.Service/Method}
   */
  Connections(int readBuffer, Set<String> methods) {
    http2 =
        Http2ConnectionSelector.builder()
            .http2Config(Http2Config.create())
            .addSubProtocolSelector(new UnknownMethods(methods))
            .addSubProtocolSelector(
                GrpcProtocolSelector.create(
                    GrpcConfig.builder().maxReadBufferSize(readBuffer).build()))
            .build();
  }

  /** Whether a connection that is open now, by Helidon's name of its socket, was closed since. */
  BooleanSupplier closed(String connection) {
    AtomicBoolean alive = open.get(connection);
    return alive == null ? () -> false : () -> !alive.get();
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
      AtomicBoolean alive = new AtomicBoolean(true);
      open.put(name, alive);
      try {
        connection.handle(limit);
      } finally {
        alive.set(false);
        open.remove(name, alive);
      }
    }

    @Override
    public Duration idleTime() {
      return connection.idleTime();
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
