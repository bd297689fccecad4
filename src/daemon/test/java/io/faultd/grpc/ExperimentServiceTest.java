package io.faultd.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Order;
import io.faultd.experiment.Residue;
import io.faultd.v1.CreateExperimentResponse;
import io.faultd.v1.DestroyAllExperimentsRequest;
import io.faultd.v1.DestroyAllExperimentsResponse;
import io.faultd.v1.DestroyExperimentRequest;
import io.faultd.v1.DestroyExperimentResponse;
import io.faultd.v1.EffectState;
import io.faultd.v1.ExperimentRecord;
import io.faultd.v1.ExperimentServiceGrpc;
import io.faultd.v1.ExperimentStatus;
import io.faultd.v1.GetExperimentRequest;
import io.faultd.v1.ListExperimentsRequest;
import io.faultd.v1.ListExperimentsResponse;
import io.faultd.v1.Undo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Experiments over gRPC, from the first call to the last. */
@Timeout(30)
class ExperimentServiceTest extends Surface {
  @Test
  void createsShowsAndDestroys() {
    CreateExperimentResponse created =
        stub()
            .createExperiment(
                order("pid", "7").toBuilder()
                    .setUid("mine")
                    .setDescription("d\u00e4")
                    .putLabels("a", "b")
                    .build());
    assertEquals("mine", created.getUid());
    assertTrue(created.getSuccess());
    assertEquals(200, created.getCode());
    ExperimentRecord record =
        stub().getExperiment(GetExperimentRequest.newBuilder().setUid("mine").build()).getRecord();
    assertEquals(created.getRecord(), record);
    assertEquals("process", record.getCommand());
    assertEquals(" --pid=7", record.getFlag());
    assertEquals(ExperimentStatus.EXPERIMENT_STATUS_SUCCESS, record.getStatus());
    assertEquals(Undo.UNDO_EXACT, record.getUndo());
    assertEquals(EffectState.EFFECT_STATE_SETTLED, record.getEffect().getState());
    assertEquals(49.5, record.getEffect().getAchieved());
    assertFalse(record.getEffect().hasHits());
    assertEquals(5, record.getCreateTime().getNanos());
    DestroyExperimentResponse destroyed =
        stub().destroyExperiment(DestroyExperimentRequest.newBuilder().setUid("mine").build());
    assertEquals(ExperimentStatus.EXPERIMENT_STATUS_DESTROYED, destroyed.getRecord().getStatus());
  }

  @Test
  void aDryRunAnswersThePlan() {
    CreateExperimentResponse planned =
        stub().createExperiment(order().toBuilder().setDryRun(true).build());
    assertEquals("", planned.getUid());
    assertFalse(planned.hasRecord());
    assertEquals("init", planned.getPlan().getTargets(0).getName());
    assertEquals(Undo.UNDO_NONE, planned.getPlan().getUndo());
    assertEquals(0, experiments.lastChange());
  }

  @Test
  void saysHowTheClientWaits() {
    stub()
        .withInterceptors(metadata("idempotency-key", "k1"))
        .createExperiment(order().toBuilder().setWaitSettled(true).build());
    assertEquals("k1", experiments.lastWaiting.get().idempotencyKey());
    assertEquals(Duration.ofSeconds(30), experiments.lastWaiting.get().settle());
    stub().createExperiment(order());
    assertNull(experiments.lastWaiting.get().idempotencyKey());
    assertNull(experiments.lastWaiting.get().settle());
  }

  @Test
  void aClientThatCancelsHasGivenUp() throws Exception {
    Future<?> call =
        ExperimentServiceGrpc.newFutureStub(channel).createExperiment(order("slow", ""));
    await(() -> experiments.lastWaiting.get() != null);
    call.cancel(true);
    await(() -> experiments.gaveUp.get() == 1);
    assertEquals("still here", stub().createExperiment(named("still here")).getUid());
  }

  @Test
  void aClientWhoseDeadlinePassedHasGivenUp() {
    refused(
        Status.Code.DEADLINE_EXCEEDED,
        () ->
            stub()
                .withDeadlineAfter(300, TimeUnit.MILLISECONDS)
                .createExperiment(order("slow", "")));
    await(() -> experiments.gaveUp.get() == 1);
  }

  @RepeatedTest(3)
  void aClientWhoseConnectionIsGoneHasGivenUp() {
    var other = connect();
    var unused = ExperimentServiceGrpc.newFutureStub(other).createExperiment(order("slow", ""));
    await(() -> experiments.lastWaiting.get() != null);
    other.shutdownNow();
    await(() -> experiments.gaveUp.get() == 1);
    assertTrue(unused.isDone() || !unused.isCancelled());
  }

  @Test
  void listsPageByPage() {
    for (int i = 0; i < 5; i++) {
      stub().createExperiment(named("e" + i));
    }
    ListExperimentsRequest request =
        ListExperimentsRequest.newBuilder().setTarget("process").setPageSize(2).build();
    ListExperimentsResponse page = stub().listExperiments(request);
    assertEquals(List.of("e4", "e3"), uids(page));
    page =
        stub().listExperiments(request.toBuilder().setPageToken(page.getNextPageToken()).build());
    String token = page.getNextPageToken();
    assertEquals("ZTE6MTk3MjA4OTAwMA", token, "the same in any daemon");
    assertEquals(List.of("e2", "e1"), uids(page));
    page = stub().listExperiments(request.toBuilder().setPageToken(token).build());
    assertEquals(List.of("e0"), uids(page));
    assertEquals("", page.getNextPageToken());
    for (ListExperimentsRequest wrong :
        List.of(
            request.toBuilder().setPageToken(token).setAscending(true).build(),
            request.toBuilder().setPageToken("\u00e4").build(),
            request.toBuilder().setPageSize(-1).build(),
            request.toBuilder().setStatusValue(99).build())) {
      refused(Status.Code.INVALID_ARGUMENT, () -> stub().listExperiments(wrong));
    }
  }

  @Test
  void noneIsLeftOutWhereThoseOfThePageBeforeHaveEnded() {
    for (int i = 0; i < 4; i++) {
      stub().createExperiment(named("e" + i));
    }
    ListExperimentsRequest request =
        ListExperimentsRequest.newBuilder()
            .setStatus(ExperimentStatus.EXPERIMENT_STATUS_SUCCESS)
            .setPageSize(2)
            .build();
    ListExperimentsResponse page = stub().listExperiments(request);
    assertEquals(List.of("e3", "e2"), uids(page));
    for (String uid : uids(page)) {
      stub().destroyExperiment(DestroyExperimentRequest.newBuilder().setUid(uid).build());
    }
    page =
        stub().listExperiments(request.toBuilder().setPageToken(page.getNextPageToken()).build());
    assertEquals(List.of("e1", "e0"), uids(page));
  }

  @Test
  void aPageThatBeginsBehindARecordThatIsForgottenIsRefused() {
    stub().createExperiment(named("e0"));
    stub().createExperiment(named("e1"));
    ListExperimentsRequest first = ListExperimentsRequest.newBuilder().setPageSize(1).build();
    String token = stub().listExperiments(first).getNextPageToken();
    experiments.forget("e1");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> stub().listExperiments(first.toBuilder().setPageToken(token).build()));
  }

  private static List<String> uids(ListExperimentsResponse page) {
    return page.getRecordsList().stream().map(ExperimentRecord::getUid).toList();
  }

  @Test
  void destroysWithoutARecord() throws Exception {
    DestroyExperimentRequest request = DestroyExperimentRequest.newBuilder().setUid("x").build();
    StatusRuntimeException e =
        refused(Status.Code.NOT_FOUND, () -> stub().destroyExperiment(request));
    assertEquals("UNKNOWN_UID", info(e).getReason());
    DestroyExperimentResponse swept =
        stub().destroyExperiment(request.toBuilder().setTarget("file").build());
    assertEquals(List.of("a file"), swept.getUndoneList());
    assertEquals(List.of("a mode"), swept.getUnsureList());
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> stub().destroyExperiment(DestroyExperimentRequest.getDefaultInstance()));
  }

  @Test
  void residueIsAFailureAndForceGivesItUp() throws Exception {
    residue("left");
    stub().createExperiment(named("fine"));
    DestroyExperimentRequest request = DestroyExperimentRequest.newBuilder().setUid("left").build();
    StatusRuntimeException e =
        refused(Status.Code.INTERNAL, () -> stub().destroyExperiment(request));
    assertEquals("RESIDUE", info(e).getReason());
    assertEquals("69004", code(e));
    e =
        refused(
            Status.Code.INTERNAL,
            () -> stub().destroyAllExperiments(DestroyAllExperimentsRequest.getDefaultInstance()));
    DestroyAllExperimentsResponse failed =
        details(e).getDetails(1).unpack(DestroyAllExperimentsResponse.class);
    assertEquals(1, failed.getOutcomesCount());
    assertEquals("left", failed.getOutcomes(0).getUid());
    stub().destroyExperiment(request.toBuilder().setForce(true).build());
    assertEquals(
        0,
        stub()
            .destroyAllExperiments(DestroyAllExperimentsRequest.getDefaultInstance())
            .getOutcomesCount());
  }

  @Test
  void muchResidueStillFitsIntoAnAnswer() {
    for (int i = 0; i < 200; i++) {
      residue("left-" + i);
    }
    StatusRuntimeException e =
        refused(
            Status.Code.INTERNAL,
            () -> stub().destroyAllExperiments(DestroyAllExperimentsRequest.getDefaultInstance()));
    assertEquals("200 of 200 could not be undone", e.getStatus().getDescription());
  }

  private void residue(String uid) {
    experiments.record(
        new Order(uid, "host", "file", "delete", Map.of(), "", Map.of()),
        uid,
        io.faultd.experiment.Status.ERROR,
        List.of(new Residue("a file", Instant.EPOCH, 3, "read-only")));
  }
}
