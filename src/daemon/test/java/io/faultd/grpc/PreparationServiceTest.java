package io.faultd.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.v1.CreatePreparationRequest;
import io.faultd.v1.GetPreparationRequest;
import io.faultd.v1.ListPreparationsRequest;
import io.faultd.v1.ListPreparationsResponse;
import io.faultd.v1.ListTargetsRequest;
import io.faultd.v1.ListTargetsResponse;
import io.faultd.v1.PreparationRecord;
import io.faultd.v1.PreparationServiceGrpc;
import io.faultd.v1.PreparationStatus;
import io.faultd.v1.RevokePreparationRequest;
import io.faultd.v1.TargetKind;
import io.faultd.v1.TargetServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PreparationServiceTest extends Surface {
  @Test
  void aPreparationIsMadeSeenAndRevoked() {
    var made =
        preparations()
            .createPreparation(
                CreatePreparationRequest.newBuilder()
                    .setType("jvm")
                    .setProcess("shop")
                    .setPid(12)
                    .setPort(8080)
                    .build());
    PreparationRecord record = made.getRecord();
    assertEquals(PreparationStatus.PREPARATION_STATUS_RUNNING, record.getStatus());
    assertEquals("shop", record.getProcess());
    assertEquals(12, record.getPid());
    assertEquals(8080, record.getPort());
    assertEquals(1, made.getWarningsCount());
    assertEquals(
        record,
        preparations()
            .getPreparation(GetPreparationRequest.newBuilder().setUid(record.getUid()).build())
            .getRecord());
    assertEquals(
        PreparationStatus.PREPARATION_STATUS_REVOKED,
        preparations()
            .revokePreparation(
                RevokePreparationRequest.newBuilder().setUid(record.getUid()).build())
            .getRecord()
            .getStatus());
  }

  @Test
  void whatFailedNamesItsRecord() throws Exception {
    StatusRuntimeException e =
        refused(
            Status.Code.FAILED_PRECONDITION,
            () ->
                preparations()
                    .createPreparation(
                        CreatePreparationRequest.newBuilder().setType("jvm").setPid(13).build()));
    assertEquals("0000000000000001", info(e).getMetadataOrThrow("uid"));
    StatusRuntimeException none =
        refused(
            Status.Code.NOT_FOUND,
            () ->
                preparations()
                    .createPreparation(
                        CreatePreparationRequest.newBuilder().setType("jvm").setPid(404).build()));
    assertEquals("47001", code(none));
    refused(
        Status.Code.NOT_FOUND,
        () ->
            preparations()
                .revokePreparation(RevokePreparationRequest.newBuilder().setUid("x").build()));
    refused(
        Status.Code.INVALID_ARGUMENT,
        () -> preparations().getPreparation(GetPreparationRequest.getDefaultInstance()));
  }

  @Test
  void aKeyIsRefusedRatherThanPassedOver() {
    refused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            preparations()
                .withInterceptors(metadata("idempotency-key", "k"))
                .createPreparation(
                    CreatePreparationRequest.newBuilder().setType("jvm").setPid(20).build()));
  }

  @Test
  void listsAreReadPageByPage() {
    for (int i = 0; i < 3; i++) {
      preparations()
          .createPreparation(
              CreatePreparationRequest.newBuilder().setType("jvm").setPid(20 + i).build());
    }
    ListPreparationsRequest first = ListPreparationsRequest.newBuilder().setPageSize(2).build();
    ListPreparationsResponse page = preparations().listPreparations(first);
    assertEquals(22, page.getRecords(0).getPid());
    ListPreparationsResponse next =
        preparations()
            .listPreparations(first.toBuilder().setPageToken(page.getNextPageToken()).build());
    assertEquals(20, next.getRecords(0).getPid());
    assertEquals("", next.getNextPageToken());
  }

  @Test
  void whatCanBeAimedAtIsListed() {
    ListTargetsResponse targets =
        TargetServiceGrpc.newBlockingStub(channel)
            .listTargets(
                ListTargetsRequest.newBuilder().setKind(TargetKind.TARGET_KIND_JVM).build());
    assertEquals("deaf", targets.getWarnings(0));
    assertEquals("12", targets.getTargets(0).getId());
    assertEquals(TargetKind.TARGET_KIND_JVM, targets.getTargets(0).getKind());
    assertEquals("0", targets.getTargets(0).getPropertiesOrThrow("user"));
  }

  private PreparationServiceGrpc.PreparationServiceBlockingStub preparations() {
    return PreparationServiceGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
  }
}
