package io.faultd.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.grpc.ForwardingServerCall;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Ends a call whose handler throws with the status of what it threw.
 *
 * <p>Helidon leaves such a client waiting for ever, and sends a status text as it is where the
 * protocol wants it percent-encoded.
 */
final class StatusInterceptor implements ServerInterceptor {
  /** As a body over HTTP. */
  static final int LARGEST_MESSAGE = 1 << 20;

  static final FaultException TOO_LARGE =
      new FaultException(Reason.BAD_REQUEST, "message over 1 MiB");

  private static final System.Logger LOG = System.getLogger(StatusInterceptor.class.getName());

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> raw, Metadata headers, ServerCallHandler<Q, A> next) {
    Ending<Q, A> call = new Ending<>(raw);
    try {
      return new Guard<>(next.startCall(call, headers), call);
    } catch (RuntimeException e) {
      Guard<Q, A> refusal = new Guard<>(new ServerCall.Listener<>() {}, call);
      call.request(1);
      StatusRuntimeException status = statusOf(e, call.getMethodDescriptor().getFullMethodName());
      refusal.fail(status);
      Verdict.refused(status);
      return refusal;
    }
  }

  /** The status that stands for what was thrown; what nobody foresaw is logged and not told. */
  private static StatusRuntimeException statusOf(RuntimeException thrown, String method) {
    return switch (thrown) {
      case FaultException failure -> Failures.of(failure);
      case StatusRuntimeException status when unreadable(status) ->
          Failures.of(new FaultException(Reason.BAD_REQUEST, "not a message of this method"));
      case StatusRuntimeException status -> status;
      default -> {
        LOG.log(System.Logger.Level.ERROR, method + " failed", thrown);
        yield Failures.of(new FaultException(Reason.INJECT_FAILED, "internal error, see the log"));
      }
    };
  }

  private static boolean unreadable(StatusRuntimeException status) {
    return status.getCause() instanceof InvalidProtocolBufferException;
  }

  /** gRPC over HTTP/2, Responses: grpc-message is percent-encoded UTF-8. */
  static @Nullable String escaped(@Nullable String text) {
    if (text == null) {
      return null;
    }
    StringBuilder out = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= 0x20 && b < 0x7f && b != '%') {
        out.append((char) b);
      } else {
        out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return out.toString();
  }

  /** A call that is ended once, with headers before. */
  private static final class Ending<Q, A>
      extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {
    private final AtomicBoolean headersSent = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    Ending(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void sendHeaders(Metadata headers) {
      headersSent.set(true);
      super.sendHeaders(headers);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (closed.compareAndSet(false, true)) {
        // Helidon's answer of trailers alone has no :status
        if (!headersSent.get()) {
          sendHeaders(new Metadata());
        }
        super.close(status.withDescription(escaped(status.getDescription())), trailers);
      }
    }

    void end(RuntimeException thrown) {
      if (isCancelled()) {
        return; // nobody listens
      }
      StatusRuntimeException status = statusOf(thrown, getMethodDescriptor().getFullMethodName());
      close(status.getStatus(), Objects.requireNonNullElseGet(status.getTrailers(), Metadata::new));
    }
  }

  /**
   * Catches what a handler throws.
   *
   * <p>The answer waits for the end of the request where that is one message: Helidon ends the
   * whole connection when a frame comes for a stream that it has closed.
   */
  private static final class Guard<Q, A>
      extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {
    private final Ending<Q, A> call;
    private @Nullable RuntimeException failure;

    Guard(ServerCall.Listener<Q> listener, Ending<Q, A> call) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      guarded(() -> {
        if (message instanceof byte[] bytes && bytes.length > LARGEST_MESSAGE) {
          throw TOO_LARGE;
        }
        super.onMessage(message);
      });
      if (failure != null && !call.getMethodDescriptor().getType().clientSendsOneMessage()) {
        call.end(failure);
      }
    }

    @Override
    public void onHalfClose() {
      guarded(super::onHalfClose);
      if (failure != null) {
        call.end(failure);
      }
    }

    @Override
    public void onReady() {
      guarded(super::onReady);
    }

    @Override
    public void onCancel() {
      boolean byTheClient = call.isCancelled();
      super.onCancel();
      if (!byTheClient) {
        call.end(TOO_LARGE); // Helidon could not read it: longer than the socket's buffer
      }
    }

    void fail(RuntimeException thrown) {
      failure = thrown;
    }

    private void guarded(Runnable work) {
      if (failure == null) {
        try {
          work.run();
        } catch (RuntimeException e) {
          fail(e);
        }
      }
    }
  }
}
