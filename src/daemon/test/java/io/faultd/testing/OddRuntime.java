package io.faultd.testing;

import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What listens where a container runtime should, and is none. */
public final class OddRuntime implements AutoCloseable {
  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] bytes) {
          return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream in) {
          return new byte[0];
        }
      };

  private final String socket;
  private final AutoCloseable end;

  private OddRuntime(String socket, AutoCloseable end) {
    this.socket = socket;
    this.end = end;
  }

  /** One that answers each connection with noise. */
  public static OddRuntime noisy(Path socket) throws IOException {
    return raw(socket, "HTTP/1.1 200 Teapot\r\n\r\n\0\1\2\3noise".getBytes("UTF-8"));
  }

  /** One that takes connections and says nothing. */
  public static OddRuntime silent(Path socket) throws IOException {
    return raw(socket, new byte[0]);
  }

  /** One that speaks gRPC and knows none of the calls. */
  public static OddRuntime ignorant(Path socket) throws IOException {
    return grpc(socket, null);
  }

  /** One that answers all calls with what is no message. */
  public static OddRuntime babbling(Path socket) throws IOException {
    return grpc(socket, call -> new byte[] {-1, -1, -1, -1});
  }

  /** One whose only container ends between being listed as running and being looked at. */
  public static OddRuntime late(Path socket, String container) throws IOException {
    CriMessage listed = new CriMessage().text(1, container).number(6, 1);
    Map<String, CriMessage> answers =
        Map.of(
            "ListContainers", new CriMessage().message(1, listed),
            "ContainerStatus", new CriMessage().entry(2, "info", "{\"pid\": 0}"));
    return grpc(
        socket,
        call -> answers.getOrDefault(call.replaceAll(".*/", ""), new CriMessage()).toBytes());
  }

  /**
   * One whose only container has ended while its pid was told.
   *
   * @param pid of no process
   * @param times how often it is told, until the runtime has seen that it ended
   */
  public static OddRuntime slow(Path socket, String container, int pid, int times)
      throws IOException {
    CriMessage listed = new CriMessage().text(1, container).number(6, 1);
    AtomicInteger asked = new AtomicInteger();
    return grpc(
        socket,
        call ->
            switch (call.replaceAll(".*/", "")) {
              case "ListContainers" -> new CriMessage().message(1, listed).toBytes();
              case "ContainerStatus" -> {
                int told = asked.incrementAndGet() > times ? 0 : pid;
                yield new CriMessage().entry(2, "info", "{\"pid\": " + told + "}").toBytes();
              }
              default -> new byte[0];
            });
  }

  /** One that ended, and left its socket. */
  public static OddRuntime ended(Path socket) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    channel.bind(UnixDomainSocketAddress.of(socket));
    channel.close();
    return new OddRuntime(socket.toString(), () -> {});
  }

  private static OddRuntime raw(Path socket, byte[] answer) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    List<SocketChannel> taken = new ArrayList<>();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                while (true) {
                  SocketChannel each = server.accept();
                  taken.add(each);
                  each.write(ByteBuffer.wrap(answer));
                }
              } catch (IOException closed) {
                return;
              }
            });
    return new OddRuntime(
        socket.toString(),
        () -> {
          server.close();
          thread.join();
          for (SocketChannel each : taken) {
            each.close();
          }
        });
  }

  private static OddRuntime grpc(Path socket, @Nullable Function<String, byte[]> answers)
      throws IOException {
    NioEventLoopGroup loop = new NioEventLoopGroup(1);
    Path real = socket.resolveSibling(socket.getFileName() + ".real");
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(real))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .directExecutor();
    if (answers != null) {
      builder.fallbackHandlerRegistry(
          new HandlerRegistry() {
            @Override
            public ServerMethodDefinition<?, ?> lookupMethod(
                String name, @Nullable String authority) {
              return ServerMethodDefinition.create(
                  MethodDescriptor.<byte[], byte[]>newBuilder(BYTES, BYTES)
                      .setType(MethodDescriptor.MethodType.UNARY)
                      .setFullMethodName(name)
                      .build(),
                  ServerCalls.asyncUnaryCall((request, out) -> {
                    out.onNext(answers.apply(name));
                    out.onCompleted();
                  }));
            }
          });
    }
    Server server = builder.build().start();
    Files.createLink(socket, real); // with the first connection that ends, Netty removes its name
    return new OddRuntime(
        socket.toString(),
        () -> {
          server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
          var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        });
  }

  /** Where it listens. */
  public String socket() {
    return socket;
  }

  @Override
  public void close() throws Exception {
    end.close();
  }
}
