package io.faultd.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.v1.GetInfoRequest;
import io.faultd.v1.ListActionsRequest;
import io.faultd.v1.NodeServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is served, with what, and when. */
@Timeout(30)
class GrpcSurfaceTest extends Surface {
  @Test
  void nothingButHealthIsServedUntilReady() {
    HealthCheckRequest own =
        HealthCheckRequest.newBuilder().setService("faultd.v1.ExperimentService").build();
    var health = HealthGrpc.newBlockingStub(channel);
    experiments.ready.set(false);
    assertEquals(ServingStatus.NOT_SERVING, health.check(own).getStatus());
    refused(Status.Code.UNAVAILABLE, () -> stub().createExperiment(order()));
    var watch = health.watch(HealthCheckRequest.getDefaultInstance());
    assertEquals(ServingStatus.NOT_SERVING, watch.next().getStatus());
    experiments.ready.set(true);
    assertEquals(ServingStatus.SERVING, watch.next().getStatus());
    assertEquals(ServingStatus.SERVING, health.check(own).getStatus());
    refused(
        Status.Code.NOT_FOUND,
        () -> health.check(HealthCheckRequest.newBuilder().setService("nobody").build()));
    stub().createExperiment(order());
  }

  @Test
  void asksForEachCallerBeforeItReadsAMessage() throws Exception {
    access.set(caller -> {
      if (!"Bearer t".equals(caller.authorization())) {
        throw new FaultException(Reason.UNAUTHENTICATED, "no token");
      }
      callers.add(caller);
    });
    StatusRuntimeException e =
        refused(Status.Code.UNAUTHENTICATED, () -> stub().createExperiment(order()));
    assertEquals("UNAUTHENTICATED", info(e).getReason());
    assertEquals("43000", code(e));
    assertEquals(0, experiments.lastChange());
    stub().withInterceptors(metadata("authorization", "Bearer t")).createExperiment(order());
    CallAccess.Caller caller = callers.getFirst();
    assertEquals("faultd.v1.ExperimentService/CreateExperiment", caller.method());
    assertTrue(String.valueOf(caller.peer()).contains("127.0.0.1"), String.valueOf(caller.peer()));
    assertTrue(String.valueOf(caller.local()).endsWith(":" + server.port()));
    HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());
  }

  @Test
  void showsTheNodeAndItsActions() {
    assertEquals(
        "here",
        NodeServiceGrpc.newBlockingStub(channel)
            .getInfo(GetInfoRequest.getDefaultInstance())
            .getNode());
    var answer =
        io.faultd.v1.ActionServiceGrpc.newBlockingStub(channel)
            .listActions(ListActionsRequest.getDefaultInstance());
    assertEquals(dispatcher.actions().size(), answer.getActionsCount());
    assertTrue(answer.getActionsList().stream().anyMatch(each -> each.getImplemented()));
    assertTrue(answer.getActionsList().stream().anyMatch(each -> !each.getImplemented()));
    assertTrue(
        answer.getSerializedSize() < 1 << 20,
        "a quarter of what clients take unless told: " + answer.getSerializedSize());
  }

  @Test
  void reflectsItself() {
    Set<String> expected = new TreeSet<>();
    for (String name : List.of("Action", "Experiment", "Node", "Preparation", "Target")) {
      expected.add("faultd.v1." + name + "Service");
    }
    expected.add("grpc.health.v1.Health");
    expected.add("grpc.reflection.v1.ServerReflection");
    expected.add("grpc.reflection.v1alpha.ServerReflection");
    assertEquals(expected, new TreeSet<>(reflect("list")));
    assertEquals(expected, new TreeSet<>(reflectAlpha("list")));
    assertEquals(List.of("faultd/v1/faultd.proto"), reflect("faultd.v1.ExperimentService"));
    assertEquals(List.of("faultd/v1/faultd.proto"), reflectAlpha("faultd.v1.Effect.hits"));
    assertEquals(List.of("not found"), reflect("nobody"));
  }
}
