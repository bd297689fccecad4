package io.faultd.port;

import io.faultd.access.Strangers;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
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
  private static final class Context implements ConnectionContext {
    private final ConnectionContext context;
    private final Strangers strangers;
    private final DataReader reader;

    /** What reads it; only it asks. */
    private @Nullable ServerConnection connection;

    Context(ConnectionContext context, Strangers strangers) {
      this.context = context;
      this.strangers = strangers;
      this.reader = DataReader.create(new Frames(context.dataReader(), this::unknown, this::quiet));
    }

    private boolean quiet() {
      return connection instanceof InterruptableTask<?> task && task.canInterrupt();
    }

    boolean unknown() {
      return strangers.unknown(context.remotePeer().address(), context.localPeer().address());
    }

    @Override
    public DataReader dataReader() {
      return reader;
    }

    @Override
    public ListenerContext listenerContext() {
      return context.listenerContext();
    }

    @Override
    public ExecutorService executor() {
      return context.executor();
    }

    @Override
    public DataWriter dataWriter() {
      return context.dataWriter();
    }

    @Override
    public Router router() {
      return context.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
      return context.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
      return context.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
      return context.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
      return context.localPeer();
    }

    @Override
    public boolean isSecure() {
      return context.isSecure();
    }

    @Override
    public String socketId() {
      return context.socketId();
    }

    @Override
    public String childSocketId() {
      return context.childSocketId();
    }
  }
}
