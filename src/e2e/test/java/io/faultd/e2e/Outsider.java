package io.faultd.e2e;

import io.faultd.v1.CreateExperimentRequest;
import io.faultd.v1.ExperimentServiceGrpc;
import io.faultd.v1.ListExperimentsRequest;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What another user of the node tries; a program of its own. Says what it was told. */
final class Outsider {
  private Outsider() {}

  /** Arguments: HTTP port, gRPC port, file to delete, token or nothing. */
  public static void main(String[] args) throws Exception {
    int http = Integer.parseInt(args[0]);
    Map<String, String> flags = Map.of("filepath", args[2]);
    String token = args.length > 3 ? args[3] : null;
    Rest rest = new Rest("http://127.0.0.1:" + http, token);
    System.out.println("health " + rest.get("/health").status());
    System.out.println("list " + rest.get("/api/v1/status?type=create").status());
    Rest.Answer answer = rest.create("file", "delete", flags);
    System.out.println("create " + answer.status() + " " + answer.reason());
    if (token == null) {
      hitAndRun(http, Rest.order("file", "delete", flags));
    }
    grpc(Integer.parseInt(args[1]), token, flags);
    // threads of the libraries would stay for a while
    System.exit(0);
  }

  /** Who has closed its socket looks like root to some. */
  private static void hitAndRun(int port, String body) throws IOException {
    String request =
        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(Rest.EXPERIMENTS, body.length(), body);
    for (int i = 0; i < 300; i++) {
      try (Socket socket = new Socket("127.0.0.1", port)) {
        socket.setSoLinger(i % 2 == 0, 0);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static void grpc(int port, String token, Map<String, String> flags) throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    Metadata headers = new Metadata();
    if (token != null) {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    }
    ClientInterceptor credentials = MetadataUtils.newAttachHeadersInterceptor(headers);
    var experiments =
        ExperimentServiceGrpc.newBlockingStub(channel)
            .withInterceptors(credentials)
            .withDeadlineAfter(20, TimeUnit.SECONDS);
    tell(
        "grpc list",
        () -> experiments.listExperiments(ListExperimentsRequest.getDefaultInstance()));
    CreateExperimentRequest request =
        CreateExperimentRequest.newBuilder()
            .setTarget("file")
            .setAction("chmod")
            .putAllFlags(flags)
            .putFlags("mark", "600")
            .build();
    tell("grpc create", () -> experiments.createExperiment(request));
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  private static void tell(String what, Runnable call) {
    try {
      call.run();
      System.out.println(what + " OK");
    } catch (StatusRuntimeException e) {
      System.out.println(what + " " + e.getStatus().getCode());
    }
  }
}
