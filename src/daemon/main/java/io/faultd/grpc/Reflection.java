package io.faultd.grpc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.reflection.v1.ErrorResponse;
import io.grpc.reflection.v1.FileDescriptorResponse;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Server reflection over fixed files, in both of its versions, which differ in name only.
 *
 * <p>That of grpc-services needs a server of grpc-java's own, that of Helidon knows no services on
 * a named socket.
 */
final class Reflection {
  private final Map<String, FileDescriptor> files = new LinkedHashMap<>();
  private final Map<String, FileDescriptor> symbols = new HashMap<>();
  private final List<String> services;

  Reflection(List<FileDescriptor> roots) {
    roots.forEach(this::index);
    services =
        roots.stream()
            .flatMap(file -> file.getServices().stream())
            .map(service -> service.getFullName())
            .sorted()
            .toList();
  }

  /** The service {@code grpc.reflection.v1.ServerReflection}. */
  BindableService first() {
    return new First();
  }

  /** The service {@code grpc.reflection.v1alpha.ServerReflection}. */
  BindableService alpha() {
    return new Alpha();
  }

  private void index(FileDescriptor file) {
    if (files.putIfAbsent(file.getFullName(), file) != null) {
      return;
    }
    file.getDependencies().forEach(this::index);
    file.getMessageTypes().forEach(type -> index(type, file));
    file.getEnumTypes().forEach(type -> symbols.put(type.getFullName(), file));
    file.getServices()
        .forEach(service -> {
          symbols.put(service.getFullName(), file);
          service.getMethods().forEach(method -> symbols.put(method.getFullName(), file));
        });
  }

  private void index(Descriptor type, FileDescriptor file) {
    symbols.put(type.getFullName(), file);
    type.getFields().forEach(field -> symbols.put(field.getFullName(), file));
    type.getNestedTypes().forEach(nested -> index(nested, file));
    type.getEnumTypes().forEach(nested -> symbols.put(nested.getFullName(), file));
  }

  private ServerReflectionResponse answer(ServerReflectionRequest request) {
    ServerReflectionResponse.Builder answer =
        ServerReflectionResponse.newBuilder()
            .setValidHost(request.getHost())
            .setOriginalRequest(request);
    return switch (request.getMessageRequestCase()) {
      case LIST_SERVICES -> {
        services.forEach(name ->
            answer
                .getListServicesResponseBuilder()
                .addService(ServiceResponse.newBuilder().setName(name)));
        yield answer.build();
      }
      case FILE_BY_FILENAME -> file(files.get(request.getFileByFilename()), answer);
      case FILE_CONTAINING_SYMBOL -> file(symbols.get(request.getFileContainingSymbol()), answer);
      case FILE_CONTAINING_EXTENSION, ALL_EXTENSION_NUMBERS_OF_TYPE, MESSAGEREQUEST_NOT_SET ->
          file(null, answer);
    };
  }

  private static ServerReflectionResponse file(
      @Nullable FileDescriptor file, ServerReflectionResponse.Builder answer) {
    if (file == null) {
      return answer
          .setErrorResponse(
              ErrorResponse.newBuilder()
                  .setErrorCode(Status.Code.NOT_FOUND.value())
                  .setErrorMessage("not found"))
          .build();
    }
    return answer
        .setFileDescriptorResponse(
            FileDescriptorResponse.newBuilder()
                .addFileDescriptorProto(file.toProto().toByteString()))
        .build();
  }

  /** Answers each message on its own. */
  private static <Q, A> StreamObserver<Q> each(Function<Q, A> answer, StreamObserver<A> out) {
    return new StreamObserver<>() {
      @Override
      public void onNext(Q request) {
        out.onNext(answer.apply(request));
      }

      @Override
      public void onError(Throwable thrown) {
        // the client went: there is nothing to end
      }

      @Override
      public void onCompleted() {
        out.onCompleted();
      }
    };
  }

  private final class First extends ServerReflectionGrpc.ServerReflectionImplBase {
    @Override
    public StreamObserver<ServerReflectionRequest> serverReflectionInfo(
        StreamObserver<ServerReflectionResponse> out) {
      return each(Reflection.this::answer, out);
    }
  }

  private final class Alpha
      extends io.grpc.reflection.v1alpha.ServerReflectionGrpc.ServerReflectionImplBase {
    @Override
    public StreamObserver<io.grpc.reflection.v1alpha.ServerReflectionRequest> serverReflectionInfo(
        StreamObserver<io.grpc.reflection.v1alpha.ServerReflectionResponse> out) {
      return each(this::translated, out);
    }

    private io.grpc.reflection.v1alpha.ServerReflectionResponse translated(
        io.grpc.reflection.v1alpha.ServerReflectionRequest request) {
      try {
        return io.grpc.reflection.v1alpha.ServerReflectionResponse.parseFrom(
            answer(ServerReflectionRequest.parseFrom(request.toByteString())).toByteString());
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("the two versions of reflection differ", e);
      }
    }
  }
}
