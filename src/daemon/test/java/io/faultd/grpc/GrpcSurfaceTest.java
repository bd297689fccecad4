package io.faultd.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import io.faultd.access.Access;
import io.faultd.access.Grant;
import io.faultd.access.PeerLookup;
import io.faultd.access.Presented;
import io.faultd.access.Role;
import io.faultd.experiment.Actor;
import io.faultd.experiment.AuditLine;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.v1.AuditServiceGrpc;
import io.faultd.v1.GetInfoRequest;
import io.faultd.v1.ListActionsRequest;
import io.faultd.v1.ListAuditLinesRequest;
import io.faultd.v1.ListAuditLinesResponse;
import io.faultd.v1.ListExperimentsRequest;
import io.faultd.v1.NodeServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    access.set((method, presented) -> {
      if (!"Bearer t".equals(presented.authorization())) {
        throw new FaultException(Reason.UNAUTHENTICATED, "no token");
      }
      callers.add(presented);
      methods.add(method);
      return SOMEBODY;
    });
    StatusRuntimeException e =
        refused(Status.Code.UNAUTHENTICATED, () -> stub().createExperiment(order()));
    assertEquals("UNAUTHENTICATED", info(e).getReason());
    assertEquals("43000", code(e));
    assertEquals(0, experiments.lastChange());
    stub().withInterceptors(metadata("authorization", "Bearer t")).createExperiment(order());
    Presented caller = callers.getFirst();
    assertEquals("faultd.v1.ExperimentService/CreateExperiment", methods.getFirst());
    assertTrue(String.valueOf(caller.client()).contains("127.0.0.1"), caller.toString());
    assertTrue(String.valueOf(caller.server()).endsWith(":" + server.port()));
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
  void whoDidWhatIsReadPageByPageHoweverLargeTheLinesAre() {
    Instant when = Instant.ofEpochSecond(1_800_000_000);
    Actor ci = new Actor("ci", "");
    for (long seq = 9; seq > 0; seq--) {
      audit.add(new AuditLine(seq, when, ci, "cpu fullload", "u", "Error", "x".repeat(400_000)));
    }
    var stub = AuditServiceGrpc.newBlockingStub(channel);
    List<Long> seen = new ArrayList<>();
    ListAuditLinesRequest question = ListAuditLinesRequest.newBuilder().setUid("u").build();
    ListAuditLinesResponse page = stub.listAuditLines(question);
    assertEquals(3, page.getLinesCount(), "as many as fill 1 MiB");
    // what comes at the front while somebody reads moves nothing
    audit.addFirst(new AuditLine(10, when, ci, "cpu fullload", "u", "Destroyed", ""));
    page.getLinesList().forEach(line -> seen.add(line.getSeq()));
    while (!page.getNextPageToken().isEmpty()) {
      page =
          stub.listAuditLines(
              question.toBuilder().setLimit(2).setPageToken(page.getNextPageToken()).build());
      assertTrue(page.getLinesCount() <= 2);
      page.getLinesList().forEach(line -> seen.add(line.getSeq()));
    }
    assertEquals(List.of(9L, 8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L), seen);
    String token = stub.listAuditLines(question.toBuilder().setLimit(1).build()).getNextPageToken();
    for (ListAuditLinesRequest other :
        List.of(
            ListAuditLinesRequest.newBuilder().setPageToken(token).build(),
            question.toBuilder().setPageToken("x").build())) {
      refused(Status.Code.INVALID_ARGUMENT, () -> stub.listAuditLines(other));
    }
  }

  @Test
  void tellsWhoDidWhat() {
    Instant when = Instant.ofEpochSecond(1_800_000_000, 5);
    audit.add(
        new AuditLine(
            7, when, new Actor("ci", "10.0.0.1:2"), "cpu fullload", "u", "Error", "no luck"));
    audit.add(new AuditLine(6, when, new Actor("ci", ""), "cpu fullload", "u", "Created", ""));
    var lines =
        AuditServiceGrpc.newBlockingStub(channel)
            .listAuditLines(ListAuditLinesRequest.newBuilder().setLimit(1).build())
            .getLinesList();
    assertEquals(1, lines.size());
    assertEquals(
        "7 ci 10.0.0.1:2 cpu fullload u Error no luck",
        "%d %s %s %s %s %s %s"
            .formatted(
                lines.getFirst().getSeq(),
                lines.getFirst().getWho(),
                lines.getFirst().getFrom(),
                lines.getFirst().getWhat(),
                lines.getFirst().getUid(),
                lines.getFirst().getOutcome(),
                lines.getFirst().getError()));
    assertEquals(1_800_000_000, lines.getFirst().getTime().getSeconds());
    refused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            AuditServiceGrpc.newBlockingStub(channel)
                .listAuditLines(ListAuditLinesRequest.newBuilder().setLimit(10_001).build()));
    for (Timestamp never :
        List.of(
            Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).build(),
            Timestamp.newBuilder().setSeconds(1L << 45).build(),
            Timestamp.newBuilder().setNanos(-1).build())) {
      refused(
          Status.Code.INVALID_ARGUMENT,
          () ->
              AuditServiceGrpc.newBlockingStub(channel)
                  .listAuditLines(ListAuditLinesRequest.newBuilder().setSince(never).build()));
    }
  }

  @Test
  void whoOnlyLooksChangesNothing() throws Exception {
    Access viewer =
        new Access(
            () -> List.of(new Grant("v", Grant.digest("v"), null, Role.VIEWER, Set.of(), Set.of())),
            Access.Certified.NONE,
            List.of(),
            (client, local) -> Optional.empty(),
            Duration.ofSeconds(10));
    access.set(CallAccess.of(viewer));
    var token = metadata("authorization", "Bearer v");
    stub().withInterceptors(token).listExperiments(ListExperimentsRequest.getDefaultInstance());
    StatusRuntimeException e =
        refused(
            Status.Code.PERMISSION_DENIED,
            () -> stub().withInterceptors(token).createExperiment(order()));
    assertEquals("FORBIDDEN", info(e).getReason());
    refused(
        Status.Code.PERMISSION_DENIED,
        () ->
            AuditServiceGrpc.newBlockingStub(channel)
                .withInterceptors(token)
                .listAuditLines(ListAuditLinesRequest.getDefaultInstance()));
    assertEquals(0, experiments.lastChange());
  }

  @Test
  void whoFailsTooOftenIsBarredWhateverItShows() throws Exception {
    Grant grant = new Grant("v", Grant.digest("v"), null, Role.VIEWER, Set.of(), Set.of());
    access.set(
        CallAccess.of(
            new Access(
                () -> List.of(grant),
                Access.Certified.NONE,
                List.of(),
                (client, local) -> Optional.of(new PeerLookup.Owner(1000, 4711)),
                Duration.ofSeconds(10))));
    for (int i = 0; i < 10; i++) {
      refused(Status.Code.UNAUTHENTICATED, () -> list("guess"));
    }
    for (String token : List.of("guess", "v")) {
      StatusRuntimeException barred = refused(Status.Code.RESOURCE_EXHAUSTED, () -> list(token));
      assertEquals("LIMIT", info(barred).getReason());
      assertTrue(barred.getMessage().contains("too many failed logins"), barred.getMessage());
    }
  }

  private void list(String token) {
    stub()
        .withInterceptors(metadata("authorization", "Bearer " + token))
        .listExperiments(ListExperimentsRequest.getDefaultInstance());
  }

  @Test
  void reflectsItself() {
    Set<String> expected = new TreeSet<>();
    for (String name : List.of("Action", "Audit", "Experiment", "Node", "Preparation", "Target")) {
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
