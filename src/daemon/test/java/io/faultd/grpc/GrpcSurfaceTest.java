package io.faultd.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.faultd.experiment.Order;
import io.faultd.experiment.Residue;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.v1.CreateExperimentRequest;
import io.faultd.v1.CreateExperimentResponse;
import io.faultd.v1.CreatePreparationRequest;
import io.faultd.v1.DestroyAllExperimentsRequest;
import io.faultd.v1.DestroyAllExperimentsResponse;
import io.faultd.v1.DestroyExperimentRequest;
import io.faultd.v1.DestroyExperimentResponse;
import io.faultd.v1.EffectState;
import io.faultd.v1.ExperimentRecord;
import io.faultd.v1.ExperimentServiceGrpc;
import io.faultd.v1.ExperimentStatus;
import io.faultd.v1.GetExperimentRequest;
import io.faultd.v1.GetInfoRequest;
import io.faultd.v1.ListActionsRequest;
import io.faultd.v1.ListExperimentsRequest;
import io.faultd.v1.ListExperimentsResponse;
import io.faultd.v1.ListTargetsRequest;
import io.faultd.v1.NodeServiceGrpc;
import io.faultd.v1.PreparationServiceGrpc;
import io.faultd.v1.TargetServiceGrpc;
import io.faultd.v1.Undo;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class GrpcSurfaceTest extends Surface {

  private static CreateExperimentRequest order(String... flags) {
    CreateExperimentRequest.Builder order =
        CreateExperimentRequest.newBuilder().setTarget("process").setAction("stop");
    for (int i = 0; i < flags.length; i += 2) {
      order.putFlags(flags[i], flags[i + 1]);
    }
    return order.build();
  }

  private static StatusRuntimeException refused(Status.Code code, Runnable call) {
    StatusRuntimeException e = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(code, e.getStatus().getCode(), e.toString());
    return e;
  }

  private static com.google.rpc.Status details(StatusRuntimeException e) {
    return Objects.requireNonNull(StatusProto.fromThrowable(e));
  }

  private static String code(StatusRuntimeException e) {
    return String.valueOf(Objects.requireNonNull(e.getTrailers()).get(Failures.CODE));
  }

  private static ErrorInfo info(StatusRuntimeException e) throws Exception {
    return details(e).getDetails(0).unpack(ErrorInfo.class);
  }

  private static ClientInterceptor metadata(String name, String value) {
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    return MetadataUtils.newAttachHeadersInterceptor(metadata);
  }

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

  @ParameterizedTest
  @EnumSource(Reason.class)
  void everyReasonHasItsStatusItsCodeAndItsDetails(Reason reason) throws Exception {
    Map<Status.Code, Set<Reason>> table =
        Map.of(
            Status.Code.INVALID_ARGUMENT,
            Set.of(Reason.BAD_REQUEST, Reason.MISSING_PARAMETER, Reason.ILLEGAL_PARAMETER),
            Status.Code.UNAUTHENTICATED,
            Set.of(Reason.UNAUTHENTICATED),
            Status.Code.PERMISSION_DENIED,
            Set.of(Reason.FORBIDDEN),
            Status.Code.NOT_FOUND,
            Set.of(Reason.UNKNOWN_ACTION, Reason.UNKNOWN_UID, Reason.TARGET_NOT_FOUND),
            Status.Code.ABORTED,
            Set.of(Reason.CONFLICT),
            Status.Code.FAILED_PRECONDITION,
            Set.of(Reason.UNSUPPORTED),
            Status.Code.RESOURCE_EXHAUSTED,
            Set.of(Reason.LIMIT),
            Status.Code.UNAVAILABLE,
            Set.of(Reason.STORE_UNAVAILABLE),
            Status.Code.INTERNAL,
            Set.of(Reason.INJECT_FAILED, Reason.RESIDUE));
    Status.Code code =
        table.entrySet().stream()
            .filter(row -> row.getValue().contains(reason))
            .map(Map.Entry::getKey)
            .findFirst()
            .get();
    StatusRuntimeException e =
        refused(code, () -> stub().createExperiment(order("fail", reason.name())));
    String text = "fail: \u00e4 100%\n" + reason;
    assertEquals(text, e.getStatus().getDescription());
    assertEquals(Integer.toString(reason.code()), code(e));
    com.google.rpc.Status status = details(e);
    assertEquals(code.value(), status.getCode());
    assertEquals(text, status.getMessage());
    assertEquals(reason.name(), info(e).getReason());
    assertEquals("faultd", info(e).getDomain());
    assertEquals(
        "fail", status.getDetails(1).unpack(BadRequest.class).getFieldViolations(0).getField());
  }

  @Test
  void longTextsAreCut() {
    for (String text : List.of("x", "\u00e4", "%", "\ud83d\ude00")) {
      StatusRuntimeException e =
          refused(
              Status.Code.INVALID_ARGUMENT,
              () -> stub().createExperiment(order("long", text.repeat(10_000))));
      assertTrue(String.valueOf(e.getStatus().getDescription()).endsWith(text + "..."));
    }
  }

  @Test
  void aFailureAfterTheRecordWasMadeNamesItsUid() throws Exception {
    StatusRuntimeException e =
        refused(
            Status.Code.INTERNAL,
            () ->
                stub()
                    .createExperiment(
                        order("late", "INJECT_FAILED").toBuilder().setUid("broken").build()));
    assertEquals("broken", info(e).getMetadataOrThrow("uid"));
  }

  @Test
  void whatNobodyForesawIsNotTold() {
    StatusRuntimeException e =
        refused(Status.Code.INTERNAL, () -> stub().createExperiment(order("fail", "BUG")));
    assertEquals("internal error, see the log", e.getStatus().getDescription());
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
  void saysWhatIsNotPartOfThisVersion() {
    StatusRuntimeException e =
        refused(
            Status.Code.UNIMPLEMENTED,
            () ->
                PreparationServiceGrpc.newBlockingStub(channel)
                    .createPreparation(CreatePreparationRequest.getDefaultInstance()));
    assertEquals("preparations are not part of this version", e.getStatus().getDescription());
    refused(
        Status.Code.UNIMPLEMENTED,
        () ->
            TargetServiceGrpc.newBlockingStub(channel)
                .listTargets(ListTargetsRequest.getDefaultInstance()));
  }

  @Test
  void showsTheNodeAndItsActions() {
    assertEquals(
        "here",
        NodeServiceGrpc.newBlockingStub(channel)
            .getInfo(GetInfoRequest.getDefaultInstance())
            .getNode());
    var actions =
        io.faultd.v1.ActionServiceGrpc.newBlockingStub(channel)
            .listActions(ListActionsRequest.getDefaultInstance())
            .getActionsList();
    assertEquals(dispatcher.actions().size(), actions.size());
  }

  @Test
  void refusesMessagesOverOneMebibyte() throws Exception {
    StatusRuntimeException e =
        refused(
            Status.Code.INVALID_ARGUMENT,
            () -> stub().createExperiment(order("a", "x".repeat(1 << 20))));
    assertEquals("BAD_REQUEST", info(e).getReason());
    e =
        refused(
            Status.Code.INVALID_ARGUMENT,
            () -> stub().createExperiment(order("a", "x".repeat(5 << 20))));
    assertEquals("BAD_REQUEST", info(e).getReason());
    assertEquals("next", stub().createExperiment(named("next")).getUid());
  }

  @Test
  void refusesWhatIsNotAMessage() {
    MethodDescriptor<byte[], CreateExperimentResponse> method =
        ExperimentServiceGrpc.getCreateExperimentMethod().toBuilder(
                new Bytes(),
                ExperimentServiceGrpc.getCreateExperimentMethod().getResponseMarshaller())
            .build();
    refused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            ClientCalls.blockingUnaryCall(
                channel,
                method,
                CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS),
                new byte[] {-1, -1, -1, 7, 0}));
    assertEquals("next", stub().createExperiment(named("next")).getUid());
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

  private static CreateExperimentRequest named(String uid) {
    return order().toBuilder().setUid(uid).build();
  }

  /** Sends what it is given. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException();
    }
  }
}
