package io.faultd.port;

import io.faultd.access.LocalPeer;
import io.faultd.access.Strangers;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.Optional;
import java.util.Set;

/**
 * Who is at the other ends of a Unix socket's connections.
 *
 * <p>Helidon shows the channel once, to {@link Arrivals}, and tells routes no more than an address,
 * of which such a client has none. So its thread that takes connections remembers who came last,
 * and the thread that it starts for that connection, and for no other, inherits it.
 */
public final class LocalPeers {
  private final Lookup lookup;
  private final InheritableThreadLocal<LocalPeer> last = new InheritableThreadLocal<>();

  /** Asks the kernel. */
  @FunctionalInterface
  public interface Lookup {
    /** Who has made this connection. */
    LocalPeer peer(SocketChannel accepted) throws IOException;
  }

  /** Those of one socket. */
  public LocalPeers(Lookup lookup) {
    this.lookup = lookup;
  }

  /** The options of its connections, which are strangers at first. */
  public SocketOptions arrivals(Strangers strangers) {
    return new Arrivals(
        strangers,
        socket -> {
          last.remove();
          LocalPeer peer = lookup.peer(socket);
          last.set(peer);
          return peer;
        });
  }

  /** The same protocol, which sees them at the other ends. */
  public ServerConnectionSelector seen(ServerConnectionSelector protocol) {
    return new Seen(protocol);
  }

  private final class Seen implements ServerConnectionSelector {
    private final ServerConnectionSelector protocol;

    Seen(ServerConnectionSelector protocol) {
      this.protocol = protocol;
    }

    @Override
    public int bytesToIdentifyConnection() {
      return protocol.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
      return protocol.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
      return protocol.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
      LocalPeer peer = last.get();
      if (peer == null) {
        throw new CloseConnectionException("a connection of which nobody knows who made it");
      }
      return protocol.connection(new Context(context, new Info(peer)));
    }
  }

  /** A connection with that other end. */
  private static final class Context extends Forwarded {
    private final PeerInfo peer;

    Context(ConnectionContext context, PeerInfo peer) {
      super(context);
      this.peer = peer;
    }

    @Override
    public PeerInfo remotePeer() {
      return peer;
    }
  }

  private record Info(SocketAddress address) implements PeerInfo {
    @Override
    public String host() {
      return "localhost";
    }

    @Override
    public int port() {
      return -1;
    }

    @Override
    public Optional<Principal> tlsPrincipal() {
      return Optional.empty();
    }

    @Override
    public Optional<Certificate[]> tlsCertificates() {
      return Optional.empty();
    }
  }
}
