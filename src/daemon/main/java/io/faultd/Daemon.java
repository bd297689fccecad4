package io.faultd;

import io.faultd.access.Access;
import io.faultd.access.PeerLookup;
import io.faultd.experiment.Ending;
import io.faultd.http.Backend;
import io.faultd.http.HttpApi;
import io.faultd.port.Arrivals;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The running program: two sockets first, then what they speak to. */
final class Daemon implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Daemon.class.getName());
  private static final String GRPC = "grpc";
  private static final Duration GRACE = Duration.ofSeconds(1);

  /** What the sockets have behind all else, for their grace and some. */
  private static final Duration SOCKETS = Duration.ofSeconds(2);

  private final Settings settings;
  private final Security security;
  private final Access access;
  private final Wiring wiring;
  private final WebServer server;
  private volatile @Nullable Core core;
  private boolean closed;

  /** What makes the parts behind the sockets; a seam between them and the sockets. */
  interface Wiring {
    /** Opens store and experiments, and recovers; returns when orders can be taken. */
    Core open(Settings settings) throws IOException;

    /**
     * Adds the services of the gRPC socket.
     *
     * @param patience how long a large message may take to arrive
     */
    void grpc(ListenerConfig.Builder listener, Access access, Duration patience);

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
    WebServerConfig.Builder builder = WebServer.builder();
    Settings.Clients clients = settings.clients();
    new HttpApi(access, this::backend, clients.body()).addTo(builder);
    builder
        .host(settings.http().host())
        .port(settings.http().port())
        .connectionOptions(new Arrivals(access.strangers()))
        .maxTcpConnections(clients.connections())
        .idleConnectionTimeout(clients.idle())
        .idleConnectionPeriod(clients.idle().dividedBy(2).plusMillis(1))
        .shutdownGracePeriod(GRACE)
        .shutdownHook(false)
        .putSocket(GRPC, grpc());
    security.tls().ifPresent(builder::tls);
    this.server = builder.build();
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
    server.start();
    if (!server.isRunning()) {
      throw new StartException("cannot listen; the lines above tell why");
    }
    LOG.log(
        System.Logger.Level.INFO,
        "listening: HTTP {0}:{1,number,#}, gRPC {2}:{3,number,#}",
        settings.http().host(),
        httpPort(),
        settings.grpc().host(),
        grpcPort());
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

  private ListenerConfig grpc() {
    ListenerConfig.Builder listener =
        ListenerConfig.builder()
            .name(GRPC)
            .host(settings.grpc().host())
            .port(settings.grpc().port())
            .connectionOptions(new Arrivals(access.strangers()))
            .shutdownGracePeriod(GRACE);
    Settings.Clients clients = settings.clients();
    listener
        .maxTcpConnections(clients.connections())
        .idleConnectionTimeout(clients.idle())
        .idleConnectionPeriod(clients.idle().dividedBy(2).plusMillis(1));
    security.tls().ifPresent(listener::tls);
    wiring.grpc(listener, access, clients.body());
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
      Thread sockets = Thread.ofPlatform().daemon().name("faultd-sockets").start(server::stop);
      ending.join(sockets, SOCKETS);
    }
  }

  private Optional<Backend> backend() {
    Core present = core;
    return present == null ? Optional.empty() : Optional.of(present.backend());
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
