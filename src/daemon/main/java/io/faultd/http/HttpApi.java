package io.faultd.http;

import io.faultd.access.Access;
import io.faultd.experiment.Experiment;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.port.Connections;
import io.faultd.port.Sieved;
import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.metrics.api.Metrics;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import io.helidon.webserver.observe.metrics.MetricsObserver;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The REST interface as a whole. */
public final class HttpApi {
  private final Access access;
  private final Supplier<Optional<Backend>> backend;
  private final ExperimentMeters meters = new ExperimentMeters(Metrics.globalRegistry());

  /**
   * An interface.
   *
   * @param access who is let in
   * @param backend what it speaks to; nothing until it is there
   */
  public HttpApi(Access access, Supplier<Optional<Backend>> backend) {
    this.access = access;
    this.backend = backend;
  }

  /** E: a record as the answers have it. */
  public static String document(Experiment experiment) {
    return Documents.experiment(experiment).toString();
  }

  /** Reads an order and writes an answer, in vain. */
  public static void rehearse(String order, Experiment experiment) {
    ExperimentRoutes.rehearse(Body.of(order), experiment);
  }

  /**
   * Adds health and metrics to a server.
   *
   * @param sockets by name
   */
  public void observe(WebServerConfig.Builder server, List<String> sockets) {
    server.addFeature(
        ObserveFeature.builder()
            .observersDiscoverServices(false)
            .addSockets(sockets)
            .addObserver(
                HealthObserver.builder()
                    .endpoint("/health")
                    .useSystemServices(false)
                    .details(true)
                    .addCheck(new Ready())
                    .build())
            .addObserver(MetricsObserver.builder().endpoint("/metrics").build())
            .build());
  }

  /**
   * Adds routes to a socket, by HTTP/1.1 and HTTP/2.
   *
   * @param connections of HTTP/2, and who is woken when they are gone
   * @param seen how the socket sees what speaks a protocol
   */
  public void addTo(
      ListenerConfig.BuilderBase<?, ?> socket,
      Connections connections,
      UnaryOperator<ServerConnectionSelector> seen) {
    socket
        // no upgrade from HTTP/1.1: what comes after it would go by without being counted
        .protocolsDiscoverServices(false)
        .addConnectionSelector(seen.apply(new Sieved(connections, access.strangers())))
        .addConnectionSelector(
            seen.apply(
                Http1ConnectionSelector.builder()
                    .config(Http1Config.builder().maxHeadersSize(8 * 1024).build())
                    .build()))
        .directHandlers(Errors.direct())
        .routing(routing -> routing(routing, connections));
  }

  private void routing(HttpRouting.Builder routing, Connections connections) {
    routing.addFilter(new Front(access, this::ready, connections));
    routing.addFilter((chain, req, res) -> {
      if (req.path().rawPath().equals("/metrics")) {
        backend.get().ifPresent(it -> meters.renew(it.experiments()));
      }
      chain.proceed();
    });
    Errors.handle(routing);
    List<Route> routes = routes();
    for (Route route : routes) {
      routing.route(route.method(), route.path(), checked(route));
    }
    // behind all of them: the same paths with any other method
    Map<String, String> allowed =
        routes.stream()
            .collect(
                Collectors.groupingBy(
                    Route::path,
                    Collectors.mapping(route -> route.method().text(), Collectors.joining(", "))));
    allowed.forEach((path, methods) -> routing.any(path, notAllowed(methods)));
    // those that the observers serve
    for (String path : List.of("/metrics", "/health", "/health/*")) {
      routing.route(
          method -> !method.equals(Method.GET) && !method.equals(Method.HEAD),
          PathMatchers.create(path),
          notAllowed("GET, HEAD"));
    }
  }

  /** All that is served, but health and metrics. */
  List<Route> routes() {
    return Stream.of(
            new ExperimentRoutes(() -> present().experiments()).routes(),
            new PreparationRoutes(() -> present().preparations()).routes(),
            new TargetRoutes(this::present).routes(),
            new StatusRoutes(this::present).routes(),
            new ActionRoutes(this::present).routes(),
            new InfoRoutes(this::present).routes(),
            new AuditRoutes(this::present).routes())
        .flatMap(List::stream)
        .toList();
  }

  private static Handler checked(Route route) {
    return (req, res) -> {
      Callers.need(req, route.role());
      new Parameters(req).only(route.query());
      route.handler().handle(req, res);
    };
  }

  private static Handler notAllowed(String methods) {
    return (req, res) -> {
      res.header(HeaderValues.create(HeaderNames.ALLOW, methods));
      throw new HttpFailure(
          Status.METHOD_NOT_ALLOWED_405, "this path has no such method; it has " + methods);
    };
  }

  private boolean ready() {
    return backend.get().filter(it -> it.experiments().ready()).isPresent();
  }

  private Backend present() {
    return backend
        .get()
        .orElseThrow(() -> new FaultException(Reason.STORE_UNAVAILABLE, "not ready"));
  }

  private final class Ready implements HealthCheck {
    @Override
    public HealthCheckType type() {
      return HealthCheckType.READINESS;
    }

    @Override
    public String name() {
      return "recovery";
    }

    @Override
    public HealthCheckResponse call() {
      return HealthCheckResponse.builder().status(ready()).build();
    }
  }
}
