package io.faultd.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.faultd.access.Caller;
import io.faultd.access.Presented;
import io.faultd.access.Role;
import io.faultd.dispatch.Dispatcher;
import io.faultd.dispatch.Inventory;
import io.faultd.dispatch.NodeFacts;
import io.faultd.dispatch.TargetView;
import io.faultd.experiment.AuditLine;
import io.faultd.spec.CommonRules;
import io.faultd.spec.Specs;
import io.faultd.testing.MemoryPreparations;
import io.faultd.v1.CreateExperimentRequest;
import io.faultd.v1.ExperimentServiceGrpc;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server with all services over {@link MemoryExperiments}, and a client of it. */
abstract class Surface {
  private static final TargetView TARGET =
      new TargetView(TargetView.Kind.JVM, "12", "java", Map.of("user", "0"));

  static final Caller SOMEBODY = new Caller("somebody", Role.ADMIN, "here", Set.of(), Set.of());

  final MemoryExperiments experiments = new MemoryExperiments();
  final MemoryPreparations preparations = new MemoryPreparations();
  final AtomicReference<CallAccess> access = new AtomicReference<>((method, presented) -> SOMEBODY);
  final List<AuditLine> audit = new CopyOnWriteArrayList<>();
  final List<String> methods = new CopyOnWriteArrayList<>();
  final List<Presented> callers = new CopyOnWriteArrayList<>();
  final Dispatcher dispatcher = new Dispatcher(Specs.load(null), Map::of, CommonRules.DEFAULT);
  WebServer server;
  ManagedChannel channel;

  @BeforeEach
  void start() {
    Config config =
        Config.just(ConfigSources.create(Map.of("connection-options.tcp-no-delay", "true")));
    GrpcSurface surface =
        new GrpcSurface(
            experiments,
            preparations,
            dispatcher,
            new GrpcSurface.Node(
                () -> new NodeFacts("here", "b", "i", "v", "k", Map.of("root", "")),
                kind -> new Inventory.Seen(List.of(TARGET), List.of("deaf")),
                (uid, since, before, limit) ->
                    audit.stream().filter(line -> line.seq() < before).limit(limit).toList()),
            new GrpcSurface.Door(
                (method, presented) -> access.get().check(method, presented),
                Duration.ofSeconds(30)));
    server =
        WebServer.builder()
            .config(config)
            .host("127.0.0.1")
            .port(0)
            .addConnectionSelector(surface.connections())
            .addRouting(surface.routing())
            .build()
            .start();
    channel = connect();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.stop();
  }

  ManagedChannel connect() {
    return NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  ExperimentServiceGrpc.ExperimentServiceBlockingStub stub() {
    return ExperimentServiceGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  static CreateExperimentRequest order(String... flags) {
    CreateExperimentRequest.Builder order =
        CreateExperimentRequest.newBuilder().setTarget("process").setAction("stop");
    for (int i = 0; i < flags.length; i += 2) {
      order.putFlags(flags[i], flags[i + 1]);
    }
    return order.build();
  }

  static StatusRuntimeException refused(Status.Code code, Runnable call) {
    StatusRuntimeException e = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(code, e.getStatus().getCode(), e.toString());
    return e;
  }

  static com.google.rpc.Status details(StatusRuntimeException e) {
    return Objects.requireNonNull(StatusProto.fromThrowable(e));
  }

  static String code(StatusRuntimeException e) {
    return String.valueOf(Objects.requireNonNull(e.getTrailers()).get(Failures.CODE));
  }

  static ErrorInfo info(StatusRuntimeException e) throws Exception {
    return details(e).getDetails(0).unpack(ErrorInfo.class);
  }

  static ClientInterceptor metadata(String name, String value) {
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    return MetadataUtils.newAttachHeadersInterceptor(metadata);
  }

  static CreateExperimentRequest named(String uid) {
    return order().toBuilder().setUid(uid).build();
  }

  static void await(BooleanSupplier seen) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!seen.getAsBoolean() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertTrue(seen.getAsBoolean(), "not seen within 10 s");
  }

  /** What reflection says of a symbol, or all services for {@code list}. */
  List<String> reflect(String symbol) {
    return exchange(
        request(symbol), out -> ServerReflectionGrpc.newStub(channel).serverReflectionInfo(out));
  }

  /** The same over the older service. */
  List<String> reflectAlpha(String symbol) {
    return exchange(
        request(symbol),
        out -> {
          var alpha =
              io.grpc.reflection.v1alpha.ServerReflectionGrpc.newStub(channel)
                  .serverReflectionInfo(
                      mapped(
                          out,
                          (io.grpc.reflection.v1alpha.ServerReflectionResponse response) ->
                              ServerReflectionResponse.parseFrom(response.toByteString())));
          return mapped(
              alpha,
              (ServerReflectionRequest request) ->
                  io.grpc.reflection.v1alpha.ServerReflectionRequest.parseFrom(
                      request.toByteString()));
        });
  }

  private static ServerReflectionRequest request(String symbol) {
    ServerReflectionRequest.Builder request = ServerReflectionRequest.newBuilder();
    return symbol.equals("list")
        ? request.setListServices("").build()
        : request.setFileContainingSymbol(symbol).build();
  }

  private static List<String> exchange(ServerReflectionRequest request, Open open) {
    BlockingQueue<ServerReflectionResponse> answers = new LinkedBlockingQueue<>();
    StreamObserver<ServerReflectionRequest> in =
        open.open(
            mapped(
                null,
                (ServerReflectionResponse response) -> {
                  answers.add(response);
                  return response;
                }));
    in.onNext(request);
    List<String> names = new ArrayList<>();
    try {
      ServerReflectionResponse answer =
          Objects.requireNonNull(answers.poll(10, TimeUnit.SECONDS), "no answer");
      answer.getListServicesResponse().getServiceList().forEach(s -> names.add(s.getName()));
      for (var bytes : answer.getFileDescriptorResponse().getFileDescriptorProtoList()) {
        names.add(FileDescriptorProto.parseFrom(bytes).getName());
      }
      if (answer.hasErrorResponse()) {
        names.add(answer.getErrorResponse().getErrorMessage());
      }
    } catch (InterruptedException | InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    } finally {
      in.onCompleted();
    }
    return names;
  }

  private static <A, B> StreamObserver<A> mapped(
      @Nullable StreamObserver<B> out, Mapping<A, B> mapping) {
    return new StreamObserver<>() {
      @Override
      public void onNext(A value) {
        try {
          B mapped = mapping.map(value);
          if (out != null) {
            out.onNext(mapped);
          }
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }

      @Override
      public void onError(Throwable thrown) {
        if (out != null) {
          out.onError(thrown);
        }
      }

      @Override
      public void onCompleted() {
        if (out != null) {
          out.onCompleted();
        }
      }
    };
  }

  /** Opens a stream. */
  private interface Open {
    StreamObserver<ServerReflectionRequest> open(StreamObserver<ServerReflectionResponse> out);
  }

  /** From one version to the other. */
  private interface Mapping<A, B> {
    B map(A value) throws InvalidProtocolBufferException;
  }
}
