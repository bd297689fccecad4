package io.faultd.grpc;

import io.faultd.dispatch.Dispatcher;
import io.faultd.v1.ActionServiceGrpc;
import io.faultd.v1.CreatePreparationRequest;
import io.faultd.v1.CreatePreparationResponse;
import io.faultd.v1.GetInfoRequest;
import io.faultd.v1.GetInfoResponse;
import io.faultd.v1.GetPreparationRequest;
import io.faultd.v1.GetPreparationResponse;
import io.faultd.v1.ListActionsRequest;
import io.faultd.v1.ListActionsResponse;
import io.faultd.v1.ListPreparationsRequest;
import io.faultd.v1.ListPreparationsResponse;
import io.faultd.v1.ListTargetsRequest;
import io.faultd.v1.ListTargetsResponse;
import io.faultd.v1.NodeServiceGrpc;
import io.faultd.v1.PreparationServiceGrpc;
import io.faultd.v1.RevokePreparationRequest;
import io.faultd.v1.RevokePreparationResponse;
import io.faultd.v1.TargetServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/** The services around experiments: what can be done, to what, and where. */
final class NodeServices {

  private NodeServices() {}

  private static StatusRuntimeException absent(String what) {
    return Status.UNIMPLEMENTED
        .withDescription(what + " are not part of this version")
        .asRuntimeException();
  }

  /** What can be done. */
  static final class Actions extends ActionServiceGrpc.ActionServiceImplBase {
    private final Dispatcher dispatcher;

    Actions(Dispatcher dispatcher) {
      this.dispatcher = dispatcher;
    }

    @Override
    public void listActions(ListActionsRequest request, StreamObserver<ListActionsResponse> out) {
      ListActionsResponse.Builder response = ListActionsResponse.newBuilder();
      dispatcher.actions().forEach(view -> response.addActions(Messages.of(view)));
      out.onNext(response.build());
      out.onCompleted();
    }
  }

  /** Where. */
  static final class Node extends NodeServiceGrpc.NodeServiceImplBase {
    private final Supplier<NodeFacts> facts;

    Node(Supplier<NodeFacts> facts) {
      this.facts = facts;
    }

    @Override
    public void getInfo(GetInfoRequest request, StreamObserver<GetInfoResponse> out) {
      NodeFacts node = facts.get();
      out.onNext(
          GetInfoResponse.newBuilder()
              .setNode(node.node())
              .setBootId(node.bootId())
              .setInstance(node.instance())
              .setVersion(node.version())
              .setKernel(node.kernel())
              .putAllCapabilities(node.capabilities())
              .build());
      out.onCompleted();
    }
  }

  /** To what. */
  static final class Targets extends TargetServiceGrpc.TargetServiceImplBase {
    @Override
    public void listTargets(ListTargetsRequest request, StreamObserver<ListTargetsResponse> out) {
      throw absent("containers and JVMs");
    }
  }

  /** What makes JVMs ready. */
  static final class Preparations extends PreparationServiceGrpc.PreparationServiceImplBase {
    private static final String WHAT = "preparations";

    @Override
    public void createPreparation(
        CreatePreparationRequest request, StreamObserver<CreatePreparationResponse> out) {
      throw absent(WHAT);
    }

    @Override
    public void revokePreparation(
        RevokePreparationRequest request, StreamObserver<RevokePreparationResponse> out) {
      throw absent(WHAT);
    }

    @Override
    public void getPreparation(
        GetPreparationRequest request, StreamObserver<GetPreparationResponse> out) {
      throw absent(WHAT);
    }

    @Override
    public void listPreparations(
        ListPreparationsRequest request, StreamObserver<ListPreparationsResponse> out) {
      throw absent(WHAT);
    }
  }
}
