package io.faultd.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.BadRequest;
import io.faultd.fault.Reason;
import io.faultd.v1.CreateExperimentResponse;
import io.faultd.v1.ExperimentServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client is told when something is refused or fails. */
@Timeout(30)
class FailuresTest extends Surface {
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
  void whatNobodyForesawIsNotTold() throws Exception {
    StatusRuntimeException e =
        refused(Status.Code.INTERNAL, () -> stub().createExperiment(order("fail", "BUG")));
    assertEquals("internal error, see the log", e.getStatus().getDescription());
    assertEquals("INJECT_FAILED", info(e).getReason());
    assertEquals(
        "63063",
        e.getTrailers().get(Metadata.Key.of("faultd-code", Metadata.ASCII_STRING_MARSHALLER)));
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
