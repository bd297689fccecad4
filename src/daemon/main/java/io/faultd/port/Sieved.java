package io.faultd.port;

import io.faultd.access.Strangers;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 whose frames are counted before they are read.
 *
 * @param http2 what reads them
 * @param strangers which connections are unknown
 */
public record Sieved(ServerConnectionSelector http2, Strangers strangers)
    implements ServerConnectionSelector {

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
    Context sieved = new Context(context, strangers);
    ServerConnection connection = http2.connection(sieved);
    sieved.connection = connection;
    return connection;
  }

  /** Whether none of the requests of a connection was let in yet, as far as that is looked at. */
  public static boolean unknown(ConnectionContext context) {
    return context instanceof Context sieved && sieved.unknown();
  }

  /** A connection with another reader. */
  private static final class Context extends Forwarded {
    private final Strangers strangers;
    private final DataReader reader;

    /** What reads it; only it asks. */
    private @Nullable ServerConnection connection;

    Context(ConnectionContext context, Strangers strangers) {
      super(context);
      this.strangers = strangers;
      this.reader = DataReader.create(new Frames(context.dataReader(), this::unknown, this::quiet));
    }

    private boolean quiet() {
      return connection instanceof InterruptableTask<?> task && task.canInterrupt();
    }

    boolean unknown() {
      return strangers.unknown(remotePeer().address(), localPeer().address());
    }

    @Override
    public DataReader dataReader() {
      return reader;
    }
  }
}
