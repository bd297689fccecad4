package io.faultd.grpc;

import io.faultd.dispatch.Dispatcher;
import io.faultd.dispatch.Inventory;
import io.faultd.dispatch.NodeFacts;
import io.faultd.dispatch.TargetView;
import io.faultd.fault.FaultException;
import io.faultd.v1.ActionServiceGrpc;
import io.faultd.v1.GetInfoRequest;
import io.faultd.v1.GetInfoResponse;
import io.faultd.v1.ListActionsRequest;
import io.faultd.v1.ListActionsResponse;
import io.faultd.v1.ListTargetsRequest;
import io.faultd.v1.ListTargetsResponse;
import io.faultd.v1.NodeServiceGrpc;
import io.faultd.v1.TargetInfo;
import io.faultd.v1.TargetKind;
import io.faultd.v1.TargetServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The services around experiments: what can be done, to what, and where. */
final class NodeServices {

  private NodeServices() {}

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
    private final Inventory inventory;

    Targets(Inventory inventory) {
      this.inventory = inventory;
    }

    @Override
    public void listTargets(ListTargetsRequest request, StreamObserver<ListTargetsResponse> out) {
      ListTargetsResponse.Builder response = ListTargetsResponse.newBuilder();
      Inventory.Seen seen = inventory.targets(kind(request.getKind()));
      seen.targets()
          .forEach(each ->
              response.addTargets(
                  TargetInfo.newBuilder()
                      .setKind(
                          switch (each.kind()) {
                            case CONTAINER -> TargetKind.TARGET_KIND_CONTAINER;
                            case JVM -> TargetKind.TARGET_KIND_JVM;
                          })
                      .setId(each.id())
                      .setName(each.name())
                      .putAllProperties(each.properties())));
      out.onNext(response.addAllWarnings(seen.warnings()).build());
      out.onCompleted();
    }

    private static TargetView.@Nullable Kind kind(TargetKind kind) {
      return switch (kind) {
        case TARGET_KIND_UNSPECIFIED -> null;
        case TARGET_KIND_CONTAINER -> TargetView.Kind.CONTAINER;
        case TARGET_KIND_JVM -> TargetView.Kind.JVM;
        case UNRECOGNIZED -> throw FaultException.illegal("kind", "must be a TargetKind");
      };
    }
  }
}
