package io.faultd.http;

import io.faultd.access.Access;
import io.faultd.access.Admission;
import io.faultd.access.Presented;
import io.faultd.access.Role;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.port.Connections;
import io.faultd.port.Wait;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/** What every request passes: who is let in, under which name, on which path, and when. */
final class Front implements Filter {
  /** The only paths that answer without access, on any host name and before recovery is over. */
  private static final Pattern HEALTH = Pattern.compile("/health(/[a-z]+){0,2}");

  /** Empty and dot segments, parameters of segments, hidden slashes: all of them ambiguous. */
  private static final Pattern ODD =
      Pattern.compile("//|/(\\.|%2e){1,2}(/|$)|;|\\\\|%2f|%5c|%00|(?<=.)/$");

  /** All that is not for operators, see {@link Route}. */
  private static final Set<Method> LOOKS = Set.of(Method.GET, Method.HEAD);

  private final Access access;
  private final BooleanSupplier ready;
  private final Connections connections;

  Front(Access access, BooleanSupplier ready, Connections connections) {
    this.access = access;
    this.ready = ready;
    this.connections = connections;
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest req, RoutingResponse res) {
    Wait wait = connections.waiting(req.socketId());
    try {
      if (admitted(req, res, wait)) {
        chain.proceed();
      }
    } catch (CloseConnectionException e) {
      wait.close(); // an interrupt now would hit what tells the client
      throw e;
    } finally {
      wait.begin(); // if something of the body is left, the server reads it
    }
    boolean first = req.prologue().protocolVersion().startsWith("1");
    if (first
        && (res.headers().containsToken(HeaderValues.CONNECTION_CLOSE)
            || req.headers().containsToken(HeaderValues.CONNECTION_CLOSE))) {
      // the server announces it, but goes on reading: what is left of a body would be a request
      throw new CloseConnectionException("closed as announced");
    }
  }

  private boolean admitted(RoutingRequest req, RoutingResponse res, Wait wait) {
    String path = req.path().rawPath();
    if (HEALTH.matcher(path).matches()) {
      Body.drop(req, res, wait);
      return true;
    }
    try {
      admit(req, res, wait);
      check(path, req, res, wait);
      if (Callers.have(req, Role.OPERATOR) && !LOOKS.contains(req.prologue().method())) {
        Body.receive(req, res, wait);
      } else {
        // what looks needs none, and who may only look gives no order: the route says so
        Body.drop(req, res, wait);
      }
      return true;
    } catch (HttpFailure e) {
      Errors.send(req, res, e.status(), e.failure());
    } catch (FaultException e) {
      Errors.send(req, res, e);
    }
    return false;
  }

  private void admit(RoutingRequest req, RoutingResponse res, Wait wait) {
    Presented presented =
        new Presented(
            req.remotePeer().address(),
            req.localPeer().address(),
            req.headers().first(HeaderNames.AUTHORIZATION).orElse(null),
            req.remotePeer().tlsPrincipal().orElse(null),
            req.remotePeer().tlsCertificates().map(Presented::chain).orElse(List.of()));
    switch (access.admit(presented)) {
      case Admission.Admitted admitted ->
          Callers.are(req, admitted.caller(), () -> access.standing(presented));
      case Admission.Refused refused -> {
        Body.drop(req, res, wait);
        throw new FaultException(Reason.UNAUTHENTICATED, refused.why());
      }
      case Admission.Barred barred -> {
        Body.drop(req, res, wait);
        long seconds = barred.left().toSeconds() + 1;
        res.header(HeaderValues.create(HeaderNames.RETRY_AFTER, seconds));
        throw new FaultException(
            Reason.LIMIT, "too many failed logins; try again in " + seconds + " s");
      }
    }
  }

  private void check(String path, RoutingRequest req, RoutingResponse res, Wait wait) {
    String host = req.authority();
    if (!access.addressed(host, req.remotePeer().address())) {
      Body.drop(req, res, wait);
      throw new HttpFailure(
          Status.MISDIRECTED_REQUEST_421, "this daemon is not that host; see server.hosts");
    }
    if (ODD.matcher(path.toLowerCase(Locale.ROOT)).find()) {
      Body.drop(req, res, wait);
      throw new FaultException(
          Reason.BAD_REQUEST,
          "the path has an empty or dot segment, a hidden slash, or a slash at its end");
    }
    if (req.path().path() == null) { // such as "a:b": Helidon's routes would throw
      Body.drop(req, res, wait);
      throw new FaultException(Reason.BAD_REQUEST, "the request's target is not a path");
    }
    if (!ready.getAsBoolean()) {
      Body.drop(req, res, wait);
      res.header(HeaderValues.create(HeaderNames.RETRY_AFTER, "1"));
      throw new FaultException(
          Reason.STORE_UNAVAILABLE, "not ready: experiments of the last run are being undone");
    }
  }
}
