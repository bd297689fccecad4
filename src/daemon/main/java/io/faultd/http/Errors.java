package io.faultd.http;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.helidon.http.DirectHandler;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** From failures to answers: the HTTP column of the table of errors, and R as the only body. */
final class Errors {
  private static final System.Logger LOG = System.getLogger(Errors.class.getName());
  private static final Status UNPROCESSABLE = Status.create(422, "Unprocessable Content");
  private static final AtomicLong FAILURES = new AtomicLong();

  private Errors() {}

  /** The status of a reason. */
  static Status status(Reason reason) {
    return switch (reason) {
      case BAD_REQUEST, MISSING_PARAMETER, ILLEGAL_PARAMETER -> Status.BAD_REQUEST_400;
      case UNAUTHENTICATED -> Status.UNAUTHORIZED_401;
      case FORBIDDEN -> Status.FORBIDDEN_403;
      case UNKNOWN_ACTION, UNKNOWN_UID, TARGET_NOT_FOUND -> Status.NOT_FOUND_404;
      case CONFLICT -> Status.CONFLICT_409;
      case UNSUPPORTED -> UNPROCESSABLE;
      case LIMIT -> Status.TOO_MANY_REQUESTS_429;
      case STORE_UNAVAILABLE -> Status.SERVICE_UNAVAILABLE_503;
      case INJECT_FAILED, RESIDUE -> Status.INTERNAL_SERVER_ERROR_500;
    };
  }

  /** Makes every failure of a route an R. */
  static void handle(HttpRouting.Builder routing) {
    routing
        .error(FaultException.class, (req, res, e) -> send(req, res, e))
        .error(HttpFailure.class, (req, res, e) -> send(req, res, e.status(), e.failure()))
        .error(HttpException.class, (req, res, e) -> http(req, res, e))
        .error(Throwable.class, Errors::unexpected);
  }

  static void send(ServerRequest req, ServerResponse res, FaultException failure) {
    send(req, res, status(failure.reason()), failure);
  }

  static void send(ServerRequest req, ServerResponse res, Status status, FaultException failure) {
    if (status.equals(Status.UNAUTHORIZED_401)) {
      res.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    res.status(status);
    if (req.prologue().method().equals(Method.HEAD)) {
      res.send();
    } else {
      Documents.send(res, Documents.failure(failure, null));
    }
  }

  private static void http(ServerRequest req, ServerResponse res, HttpException e) {
    if (e.status().code() >= Status.INTERNAL_SERVER_ERROR_500.code()) {
      unexpected(req, res, e);
    } else {
      String message = e.status().equals(Status.NOT_FOUND_404) ? "no such path" : e.getMessage();
      send(req, res, e.status(), new FaultException(Reason.BAD_REQUEST, String.valueOf(message)));
    }
  }

  private static void unexpected(ServerRequest req, ServerResponse res, Throwable e) {
    if (e instanceof CloseConnectionException closed) {
      throw closed;
    }
    long number = FAILURES.incrementAndGet();
    LOG.log(System.Logger.Level.ERROR, "failure " + number + " in " + req.prologue().method(), e);
    String message = "the daemon failed; its log tells why, as failure " + number;
    FaultException failure = new FaultException(Reason.INJECT_FAILED, message);
    send(req, res, Status.INTERNAL_SERVER_ERROR_500, failure);
  }

  /** Makes what the server refuses before it comes to a route an R, too. */
  static DirectHandlers direct() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (EventType type : EventType.values()) {
      handlers.addHandler(type, new Direct());
    }
    return handlers.build();
  }

  private static final class Direct implements DirectHandler {
    @Override
    public TransportResponse handle(
        TransportRequest request,
        EventType type,
        Status status,
        ServerResponseHeaders headers,
        @Nullable String message) {
      // a request that cannot be read is its client's failure, whatever the reader calls it
      Status answer =
          status.code() < Status.INTERNAL_SERVER_ERROR_500.code() ? status : Status.BAD_REQUEST_400;
      // the server's own messages can quote the request: no header or path comes back here
      String text = answer.reasonPhrase() + ": this is not an HTTP request that can be read";
      String body =
          Documents.failure(new FaultException(Reason.BAD_REQUEST, text), null).toString();
      headers.set(HeaderNames.CONTENT_TYPE, Documents.JSON);
      return TransportResponse.builder()
          .status(answer)
          .headers(headers)
          .entity(body.getBytes(StandardCharsets.UTF_8))
          .keepAlive(type.keepAlive())
          .build();
    }
  }
}
