package io.faultd.bench;

import io.faultd.v1.CreateExperimentRequest;
import io.faultd.v1.DestroyExperimentRequest;
import io.faultd.v1.ExperimentServiceGrpc;
import io.faultd.v1.GetExperimentRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;

/** A connection over gRPC. */
final class GrpcClient implements Client {
  private final ManagedChannel channel;
  private final ExperimentServiceGrpc.ExperimentServiceBlockingStub experiments;

  GrpcClient(int port) {
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    experiments = ExperimentServiceGrpc.newBlockingStub(channel);
  }

  @Override
  public String create(String file) {
    return experiments
        .createExperiment(
            CreateExperimentRequest.newBuilder()
                .setTarget("file")
                .setAction("chmod")
                .putFlags("filepath", file)
                .putFlags("mark", "000")
                .build())
        .getUid();
  }

  @Override
  public void destroy(String uid) {
    var unused =
        experiments.destroyExperiment(DestroyExperimentRequest.newBuilder().setUid(uid).build());
  }

  @Override
  public void read(String uid) {
    var unused = experiments.getExperiment(GetExperimentRequest.newBuilder().setUid(uid).build());
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
