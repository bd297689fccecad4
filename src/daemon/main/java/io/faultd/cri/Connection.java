package io.faultd.cri;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.stub.AbstractBlockingStub;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A gRPC connection to a Unix socket, opened for a few calls and closed again: a daemon that looks
 * for no containers has neither threads nor memory for them.
 */
final class Connection implements AutoCloseable {
  /** Kept, for the setting goes with the last that knows the logger. */
  private static final Logger TRANSPORT = Logger.getLogger("io.grpc.netty.shaded.io.netty");

  static {
    // warns of each connection that Unix sockets have no SO_KEEPALIVE
    TRANSPORT.setLevel(Level.SEVERE);
    // newer JDKs warn of who uses it, and a few messages are read as fast without
    System.setProperty("io.grpc.netty.shaded.io.netty.noUnsafe", "true");
  }

  private static final int LARGEST = 64 << 20;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final String socket;
  private final NioEventLoopGroup loop =
      new NioEventLoopGroup(1, new DefaultThreadFactory("faultd-cri", true));
  private final ManagedChannel channel;

  /** A connection, made by the first call. */
  Connection(String socket) {
    this.socket = socket;
    this.channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .eventLoopGroup(loop)
            .channelFactory(NioDomainSocketChannel::new)
            .directExecutor()
            .maxInboundMessageSize(LARGEST)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
  }

  String socket() {
    return socket;
  }

  ManagedChannel channel() {
    return channel;
  }

  /**
   * Makes a call.
   *
   * @throws RefusedException if the runtime refuses, or does not answer in time
   */
  static <S extends AbstractBlockingStub<S>, T> T call(S stub, Duration limit, Function<S, T> call)
      throws RefusedException {
    try {
      return call.apply(stub.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS));
    } catch (StatusRuntimeException e) {
      throw new RefusedException(e);
    }
  }

  /**
   * Makes a call to end or forget something until that is gone. It may be gone already; and what is
   * on its way out may be refused for that, with no code of its own.
   */
  static void untilGone(Duration limit, Call call) throws IOException {
    long end = System.nanoTime() + limit.toNanos();
    boolean gone = false;
    while (!gone) {
      try {
        unlessGone(call);
        gone = true;
      } catch (RefusedException e) {
        boolean soon =
            e.code() == Status.Code.FAILED_PRECONDITION || e.code() == Status.Code.UNKNOWN;
        if (!soon || System.nanoTime() - end > 0) {
          throw e;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /** Makes a call to end or forget what may be gone already, which is as good. */
  static void unlessGone(Call call) throws IOException {
    try {
      Object done = call.make();
      assert done != null;
    } catch (RefusedException e) {
      if (e.code() != Status.Code.NOT_FOUND) {
        throw e;
      }
    }
  }

  /** One call. */
  @FunctionalInterface
  interface Call {
    /** What is answered. */
    Object make() throws IOException;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** A runtime that said no, or nothing. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    private final Status.Code code;

    RefusedException(StatusRuntimeException e) {
      super("the container runtime: " + e.getStatus().getCode() + ": " + reason(e), e);
      this.code = e.getStatus().getCode();
    }

    private static String reason(StatusRuntimeException e) {
      Throwable cause = e.getCause();
      String text = e.getStatus().getDescription();
      return cause == null ? text + "" : text + ", " + cause.getMessage();
    }

    Status.Code code() {
      return code;
    }
  }
}
