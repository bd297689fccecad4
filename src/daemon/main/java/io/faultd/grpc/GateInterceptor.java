package io.faultd.grpc;

import io.faultd.access.Caller;
import io.faultd.access.Presented;
import io.faultd.access.Role;
import io.faultd.experiment.Actor;
import io.faultd.experiment.Permit;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.port.Connections;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.health.v1.HealthGrpc;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.grpc.GrpcConnectionContext;
import io.helidon.webserver.grpc.ServerContextKeys;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Lets in who may call, once the daemon is ready; anybody may ask for its health at any time. */
final class GateInterceptor implements ServerInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> IDEMPOTENCY_KEY =
      Metadata.Key.of("idempotency-key", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> TIMEOUT =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<Optional<String>> REPLAY = Context.key("idempotency-key");
  private static final Context.Key<Optional<Deadline>> DEADLINE = Context.key("deadline");

  private static final Context.Key<BooleanSupplier> CLOSED = Context.key("closed");
  private static final Context.Key<Optional<Caller>> CALLER = Context.key("caller");
  private static final Context.Key<Runnable> STAYS = Context.key("stays");

  private final CallAccess access;
  private final BooleanSupplier ready;
  private final Connections connections;

  GateInterceptor(CallAccess access, BooleanSupplier ready, Connections connections) {
    this.access = access;
    this.connections = connections;
    this.ready = ready;
  }

  /** The key under which the present call's answer is remembered. */
  static Optional<String> idempotencyKey() {
    return Optional.ofNullable(REPLAY.get()).flatMap(key -> key);
  }

  /** In whose name the present call comes, and what it may order. */
  static Permit permit() {
    Caller caller =
        Optional.ofNullable(CALLER.get())
            .flatMap(present -> present)
            .orElseThrow(() -> new FaultException(Reason.UNAUTHENTICATED, "nobody was let in"));
    return new Permit(
        new Actor(caller.name(), caller.from()),
        caller.scopes(),
        caller.targets(),
        caller.role().covers(Role.ADMIN));
  }

  /** Whether the client of the present call no longer waits: gone, or over its deadline. */
  static BooleanSupplier gaveUp() {
    // Helidon tells neither
    BooleanSupplier late = late();
    BooleanSupplier closed = Optional.ofNullable(CLOSED.get()).orElse(() -> false);
    return () -> closed.getAsBoolean() || late.getAsBoolean();
  }

  /** Whether the deadline of the present call is over. */
  static BooleanSupplier late() {
    Optional<Deadline> deadline = Optional.ofNullable(DEADLINE.get()).flatMap(end -> end);
    return () -> deadline.map(Deadline::isExpired).orElse(false);
  }

  /** Throws if the client of the present call would not be let in any more. */
  static Runnable stays() {
    return Optional.ofNullable(STAYS.get()).orElse(() -> {});
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Caller caller = null;
    Runnable stays = () -> {};
    if (!HealthGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())) {
      String method = call.getMethodDescriptor().getFullMethodName();
      Presented presented = presented(call, headers);
      caller = access.check(method, presented);
      stays = () -> access.stays(method, presented);
      if (!ready.getAsBoolean()) {
        throw new FaultException(Reason.STORE_UNAVAILABLE, "still recovering");
      }
    }
    Context context =
        Context.current()
            .withValue(REPLAY, Optional.ofNullable(headers.get(IDEMPOTENCY_KEY)))
            .withValue(DEADLINE, Optional.ofNullable(headers.get(TIMEOUT)).flatMap(this::parsed))
            .withValue(CLOSED, closed())
            .withValue(CALLER, Optional.ofNullable(caller))
            .withValue(STAYS, stays);
    return Contexts.interceptCall(context, call, headers, next);
  }

  private BooleanSupplier closed() {
    GrpcConnectionContext connection = ServerContextKeys.CONNECTION_CONTEXT.get();
    return connection == null ? () -> false : connections.closed(connection.connectionSocketId());
  }

  private static Presented presented(ServerCall<?, ?> call, Metadata headers) {
    Optional<PeerInfo> peer =
        Optional.ofNullable(ServerContextKeys.CONNECTION_CONTEXT.get())
            .map(GrpcConnectionContext::remotePeer);
    return new Presented(
        call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
        call.getAttributes().get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR),
        headers.get(AUTHORIZATION),
        peer.flatMap(PeerInfo::tlsPrincipal).orElse(null),
        peer.flatMap(PeerInfo::tlsCertificates).map(Presented::chain).orElse(List.of()));
  }

  /** gRPC over HTTP/2, Requests: at most eight digits and a unit. */
  private Optional<Deadline> parsed(String timeout) {
    if (!timeout.matches("[0-9]{1,8}[HMSmun]")) {
      return Optional.empty();
    }
    TimeUnit unit =
        switch (timeout.charAt(timeout.length() - 1)) {
          case 'H' -> TimeUnit.HOURS;
          case 'M' -> TimeUnit.MINUTES;
          case 'S' -> TimeUnit.SECONDS;
          case 'm' -> TimeUnit.MILLISECONDS;
          case 'u' -> TimeUnit.MICROSECONDS;
          default -> TimeUnit.NANOSECONDS;
        };
    long amount = Long.parseLong(timeout.substring(0, timeout.length() - 1));
    return Optional.of(Deadline.after(amount, unit));
  }
}
