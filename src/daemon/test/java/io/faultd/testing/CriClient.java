package io.faultd.testing;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Calls of the Container Runtime Interface, without its generated classes, which are under test.
 */
final class CriClient implements AutoCloseable {
  private static final Logger TRANSPORT = Logger.getLogger("io.grpc.netty.shaded.io.netty");

  static {
    TRANSPORT.setLevel(Level.SEVERE);
  }

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] bytes) {
          return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream in) {
          try {
            return in.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private final NioEventLoopGroup loop = new NioEventLoopGroup(1);
  private final ManagedChannel channel;

  CriClient(String socket) {
    this.channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .eventLoopGroup(loop)
            .channelFactory(NioDomainSocketChannel::new)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
  }

  byte[] call(String method, CriMessage request) {
    return ClientCalls.blockingUnaryCall(
        channel,
        MethodDescriptor.<byte[], byte[]>newBuilder(BYTES, BYTES)
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("runtime.v1.RuntimeService/" + method)
            .build(),
        CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
        request.toBytes());
  }

  @Override
  public void close() {
    channel.shutdownNow();
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
