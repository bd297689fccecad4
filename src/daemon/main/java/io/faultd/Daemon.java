package io.faultd;

import io.faultd.access.Access;
import io.faultd.access.LocalPeer;
import io.faultd.access.PeerLookup;
import io.faultd.experiment.Ending;
import io.faultd.grpc.GrpcSurface;
import io.faultd.http.Backend;
import io.faultd.http.HttpApi;
import io.faultd.linux.net.UnixSocket;
import io.faultd.port.Arrivals;
import io.faultd.port.Connections;
import io.faultd.port.LocalPeers;
import io.faultd.port.Sieved;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The running program: its sockets first, then what they speak to. */
final class Daemon implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Daemon.class.getName());
  private static final String GRPC = "grpc";
  private static final String LOCAL = "local";
  private static final Duration GRACE = Duration.ofSeconds(1);

  /** What the sockets have behind all else, for their grace and some. */
  private static final Duration SOCKETS = Duration.ofSeconds(2);

  private final Settings settings;
  private final Security security;
  private final Access access;
  private final Wiring wiring;
  private final @Nullable SocketFile socket;
  private final WebServer server;
  private volatile @Nullable Core core;
  private boolean closed;

  /** What makes the parts behind the sockets; a seam between them and the sockets. */
  interface Wiring {
    /** Opens store and experiments, and recovers; returns when orders can be taken. */
    Core open(Settings settings) throws IOException;

    /**
     * The services that gRPC calls.
     *
     * @param patience how long a large message may take to arrive
     */
    GrpcSurface grpc(Access access, Duration patience);

    /** Who made a socket of this node. */
    PeerLookup peers();
  }

  /**
   * The parts behind the sockets.
   *
   * @param backend what interfaces speak to
   * @param end undoes what has not ended and closes the store, in the time that it is given
   */
  record Core(Backend backend, Consumer<Ending> end) {}

  /**
   * A daemon that does not listen yet.
   *
   * @throws StartException if it would let in more than it may
   */
  Daemon(Settings settings, Wiring wiring) {
    this.settings = settings;
    this.wiring = wiring;
    if (!settings.guarded()) {
      loopback(settings.http(), Setting.HTTP_HOST);
      loopback(settings.grpc(), Setting.GRPC_HOST);
    }
    this.security = new Security(settings);
    this.access =
        new Access(
            security::grants,
            security.certified(),
            hosts(settings),
            wiring.peers(),
            settings.clients().login());
    Path path = settings.socket();
    this.socket = path == null ? null : new SocketFile(path);
    this.server = server(settings.clients());
  }

  private WebServer server(Settings.Clients clients) {
    WebServerConfig.Builder builder = WebServer.builder();
    HttpApi api = new HttpApi(access, this::backend);
    GrpcSurface calls = wiring.grpc(access, clients.body());
    api.addTo(builder, new Connections(clients.body()), UnaryOperator.identity());
    bound(builder, clients)
        .host(settings.http().host())
        .port(settings.http().port())
        .connectionOptions(new Arrivals(access.strangers()))
        .shutdownHook(false)
        .putSocket(GRPC, grpc(calls));
    security.tls().ifPresent(builder::tls);
    if (socket == null) {
      api.observe(builder, List.of(WebServer.DEFAULT_SOCKET_NAME));
    } else {
      api.observe(builder, List.of(WebServer.DEFAULT_SOCKET_NAME, LOCAL));
      builder.putSocket(LOCAL, local(socket, api, calls));
    }
    return builder.build();
  }

  private static <B extends ListenerConfig.BuilderBase<B, ?>> B bound(
      B listener, Settings.Clients clients) {
    return listener
        .maxTcpConnections(clients.connections())
        .idleConnectionTimeout(clients.idle())
        .idleConnectionPeriod(clients.idle().dividedBy(2).plusMillis(1))
        .shutdownGracePeriod(GRACE);
  }

  /** REST and gRPC on one socket, for root of this node first of all. */
  private ListenerConfig local(SocketFile file, HttpApi api, GrpcSurface calls) {
    LocalPeers peers =
        new LocalPeers(channel -> {
          UnixSocket.Peer peer = UnixSocket.client(channel);
          return new LocalPeer(peer.pid(), peer.uid());
        });
    ListenerConfig.Builder listener = ListenerConfig.builder().name(LOCAL);
    api.addTo(listener, calls.connections(), peers::seen);
    return bound(listener, settings.clients())
        .bindAddress(file.draft())
        .connectionOptions(peers.arrivals(access.strangers()))
        .addRouting(calls.routing())
        .buildPrototype();
  }

  /**
   * Starts; the sockets answer before recovery begins.
   *
   * @throws StartException if it cannot
   */
  void start() {
    // the server tells only its log why it cannot listen, and that in many lines
    bindable(settings.http(), Setting.HTTP_PORT);
    bindable(settings.grpc(), Setting.GRPC_PORT);
    if (socket != null) {
      knowable();
      socket.clear();
    }
    server.start();
    if (!server.isRunning()) {
      throw new StartException("cannot listen; the lines above tell why");
    }
    if (socket != null) {
      socket.show();
    }
    LOG.log(
        System.Logger.Level.INFO,
        "listening: HTTP {0}:{1,number,#}, gRPC {2}:{3,number,#}{4}",
        settings.http().host(),
        httpPort(),
        settings.grpc().host(),
        grpcPort(),
        socket == null ? "" : ", both " + socket);
    try {
      Core opened = wiring.open(settings);
      security.targets(
          opened.backend().actions().get().stream()
              .map(action -> action.spec().target())
              .collect(Collectors.toSet()));
      core = opened;
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
    security.follow(tls -> {
      server.reloadTls(tls);
      server.reloadTls(GRPC, tls);
    });
    LOG.log(System.Logger.Level.INFO, "ready");
  }

  private ListenerConfig grpc(GrpcSurface calls) {
    ListenerConfig.Builder listener =
        bound(ListenerConfig.builder(), settings.clients())
            .name(GRPC)
            .host(settings.grpc().host())
            .port(settings.grpc().port())
            .connectionOptions(new Arrivals(access.strangers()))
            .addConnectionSelector(new Sieved(calls.connections(), access.strangers()))
            .addRouting(calls.routing());
    security.tls().ifPresent(listener::tls);
    // so that who takes it for the other port is told so
    listener.addConnectionSelector(
        Http1ConnectionSelector.builder()
            .config(Http1Config.builder().maxHeadersSize(8 * 1024).build())
            .build());
    return listener.protocolsDiscoverServices(false).buildPrototype();
  }

  int httpPort() {
    return server.port();
  }

  int grpcPort() {
    return server.port(GRPC);
  }

  /**
   * Takes no more orders, undoes what has not ended, and closes everything, all within {@link
   * Ending#LIMIT}; may be called again, by another thread, which then waits.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    Ending ending = new Ending(Ending.LIMIT);
    Core open = core;
    core = null;
    try {
      if (open != null) {
        open.end().accept(ending.before(SOCKETS));
        LOG.log(System.Logger.Level.INFO, "ended");
      }
    } finally {
      security.close();
      access.strangers().close();
      if (socket != null) {
        socket.close();
      }
      Thread sockets = Thread.ofPlatform().daemon().name("faultd-sockets").start(server::stop);
      ending.join(sockets, SOCKETS);
    }
  }

  private Optional<Backend> backend() {
    Core present = core;
    return present == null ? Optional.empty() : Optional.of(present.backend());
  }

  /** Else each connection to the Unix socket would be closed without a word. */
  private static void knowable() {
    try (SocketChannel any = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      UnixSocket.client(any);
    } catch (IOException e) {
      throw new StartException(Setting.SOCKET.key() + ": " + e.getMessage(), e);
    }
  }

  private static void bindable(Settings.Listener listener, Setting key) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(listener.host(), listener.port()));
    } catch (IOException e) {
      throw new StartException(
          "%s: cannot listen on %s:%d: %s"
              .formatted(key.key(), listener.host(), listener.port(), e.getMessage()),
          e);
    }
  }

  private static void loopback(Settings.Listener listener, Setting key) {
    try {
      for (InetAddress address : InetAddress.getAllByName(listener.host())) {
        if (!address.isLoopbackAddress()) {
          throw new StartException(
              "%s: %s is not a loopback address; set security.token, security.token-file, security.tokens-file or server.tls.client-ca first"
                  .formatted(key.key(), listener.host()));
        }
      }
    } catch (UnknownHostException e) {
      throw new StartException(key.key() + ": there is no host " + listener.host(), e);
    }
  }

  private static List<String> hosts(Settings settings) {
    if (settings.hosts() != null) {
      return settings.hosts();
    }
    if (settings.guarded()) {
      return List.of();
    }
    List<String> hosts = new ArrayList<>(List.of("localhost", "127.0.0.1", "[::1]"));
    for (Settings.Listener listener : List.of(settings.http(), settings.grpc())) {
      String host = listener.host();
      hosts.add(host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host);
    }
    return hosts;
  }
}
