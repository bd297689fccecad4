package io.faultd.grpc;

import com.google.protobuf.MessageLite;
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

  private static final System.Logger LOG = System.getLogger(StatusInterceptor.class.getName());

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> raw, Metadata headers, ServerCallHandler<Q, A> next) {
    Ending<Q, A> call = new Ending<>(raw);
    try {
      return new Guard<>(next.startCall(call, headers), call);
    } catch (RuntimeException e) {
      call.end(e);
      return new ServerCall.Listener<>() {};
    }
  }

  /** The status that stands for what was thrown; what nobody foresaw is logged and not told. */
  private static StatusRuntimeException statusOf(RuntimeException thrown, String method) {
    return switch (thrown) {
      case FaultException failure -> Failures.of(failure);
      case StatusRuntimeException status -> status;
      default -> {
        LOG.log(System.Logger.Level.ERROR, method + " failed", thrown);
        yield Status.INTERNAL.withDescription("internal error, see the log").asRuntimeException();
      }
    };
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

  /** Catches what a handler throws. */
  private static final class Guard<Q, A>
      extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {
    private final Ending<Q, A> call;
    private boolean failed;

    Guard(ServerCall.Listener<Q> listener, Ending<Q, A> call) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      guarded(() -> {
        if (message instanceof MessageLite lite && lite.getSerializedSize() > LARGEST_MESSAGE) {
          throw new FaultException(Reason.BAD_REQUEST, "message over 1 MiB");
        }
        super.onMessage(message);
      });
    }

    @Override
    public void onHalfClose() {
      guarded(super::onHalfClose);
    }

    @Override
    public void onReady() {
      guarded(super::onReady);
    }

    private void guarded(Runnable work) {
      if (failed) {
        return;
      }
      try {
        work.run();
      } catch (RuntimeException e) {
        failed = true;
        call.end(e);
      }
    }
  }
}
