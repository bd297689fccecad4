package io.faultd.grpc;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.preparation.Preparation;
import io.faultd.preparation.PreparationOrder;
import io.faultd.preparation.PreparationQuery;
import io.faultd.preparation.Preparations;
import io.faultd.preparation.Prepared;
import io.faultd.v1.CreatePreparationRequest;
import io.faultd.v1.CreatePreparationResponse;
import io.faultd.v1.GetPreparationRequest;
import io.faultd.v1.GetPreparationResponse;
import io.faultd.v1.ListPreparationsRequest;
import io.faultd.v1.ListPreparationsResponse;
import io.faultd.v1.PreparationRecord;
import io.faultd.v1.PreparationServiceGrpc;
import io.faultd.v1.PreparationStatus;
import io.faultd.v1.RevokePreparationRequest;
import io.faultd.v1.RevokePreparationResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Preparations over gRPC. */
final class PreparationService extends PreparationServiceGrpc.PreparationServiceImplBase {
  private static final Pattern UID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private final Preparations preparations;

  PreparationService(Preparations preparations) {
    this.preparations = preparations;
  }

  @Override
  public void createPreparation(
      CreatePreparationRequest request, StreamObserver<CreatePreparationResponse> out) {
    if (GateInterceptor.idempotencyKey().isPresent()) {
      throw FaultException.illegal(
          "idempotency-key", "is for experiments; a preparation with the same uid is made once");
    }
    String uid = absent(request.getUid());
    if (uid != null && (!UID.matcher(uid).matches() || uid.equals(".") || uid.equals(".."))) {
      throw FaultException.illegal("uid", "must be 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    Prepared prepared =
        preparations.create(
            new PreparationOrder(
                uid,
                request.getType(),
                absent(request.getProcess()),
                request.getPid() == 0 ? null : request.getPid(),
                absent(request.getJavaHome()),
                request.getPort() == 0 ? null : Integer.toString(request.getPort()),
                request.getRefresh(),
                request.getAsync(),
                GateInterceptor.permit()));
    FaultException failure = prepared.failure();
    if (failure != null) {
      throw Failures.of(failure, prepared.preparation().uid());
    }
    answer(
        out,
        CreatePreparationResponse.newBuilder()
            .setRecord(record(prepared.preparation()))
            .addAllWarnings(prepared.warnings())
            .build());
  }

  @Override
  public void revokePreparation(
      RevokePreparationRequest request, StreamObserver<RevokePreparationResponse> out) {
    Preparation revoked = preparations.revoke(named(request.getUid()), GateInterceptor.permit());
    answer(out, RevokePreparationResponse.newBuilder().setRecord(record(revoked)).build());
  }

  @Override
  public void getPreparation(
      GetPreparationRequest request, StreamObserver<GetPreparationResponse> out) {
    String uid = named(request.getUid());
    Preparation found =
        preparations
            .get(uid)
            .orElseThrow(() ->
                new FaultException(
                    Reason.UNKNOWN_UID, Reason.UNKNOWN_UID.code(), "uid", "no preparation " + uid));
    answer(out, GetPreparationResponse.newBuilder().setRecord(record(found)).build());
  }

  @Override
  public void listPreparations(
      ListPreparationsRequest request, StreamObserver<ListPreparationsResponse> out) {
    int filters = Pages.filters(request.toBuilder().clearPageSize().clearPageToken().build());
    int size = Pages.size(request.getPageSize());
    String last = Pages.last(request.getPageToken(), filters);
    List<Preparation> found =
        preparations.list(
            new PreparationQuery(
                null, status(request.getStatus()), last, 0, size + 1, request.getAscending()));
    Pages.check(last, preparations::get);
    ListPreparationsResponse.Builder response = ListPreparationsResponse.newBuilder();
    found.stream().limit(size).map(PreparationService::record).forEach(response::addRecords);
    if (found.size() > size) {
      response.setNextPageToken(Pages.token(found.get(size - 1).uid(), filters));
    }
    answer(out, response.build());
  }

  private static PreparationRecord record(Preparation preparation) {
    PreparationRecord.Builder record =
        PreparationRecord.newBuilder()
            .setUid(preparation.uid())
            .setProgramType(preparation.programType())
            .setProcess(preparation.process())
            .setPid(preparation.pid())
            .setStatus(status(preparation.status()))
            .setError(preparation.error())
            .setCreateTime(Messages.of(preparation.created()))
            .setUpdateTime(Messages.of(preparation.updated()));
    if (preparation.port().matches("[0-9]{1,5}")) {
      record.setPort(Integer.parseInt(preparation.port()));
    }
    return record.build();
  }

  private static PreparationStatus status(io.faultd.preparation.PreparationStatus status) {
    return switch (status) {
      case CREATED -> PreparationStatus.PREPARATION_STATUS_CREATED;
      case RUNNING -> PreparationStatus.PREPARATION_STATUS_RUNNING;
      case ERROR -> PreparationStatus.PREPARATION_STATUS_ERROR;
      case REVOKED -> PreparationStatus.PREPARATION_STATUS_REVOKED;
    };
  }

  private static io.faultd.preparation.@Nullable PreparationStatus status(
      PreparationStatus status) {
    return switch (status) {
      case PREPARATION_STATUS_UNSPECIFIED -> null;
      case PREPARATION_STATUS_CREATED -> io.faultd.preparation.PreparationStatus.CREATED;
      case PREPARATION_STATUS_RUNNING -> io.faultd.preparation.PreparationStatus.RUNNING;
      case PREPARATION_STATUS_ERROR -> io.faultd.preparation.PreparationStatus.ERROR;
      case PREPARATION_STATUS_REVOKED -> io.faultd.preparation.PreparationStatus.REVOKED;
      case UNRECOGNIZED -> throw FaultException.illegal("status", "must be a PreparationStatus");
    };
  }

  private static <A> void answer(StreamObserver<A> out, A response) {
    if (!((ServerCallStreamObserver<A>) out).isCancelled()) {
      out.onNext(response);
      out.onCompleted();
    }
  }

  private static String named(String uid) {
    if (uid.isEmpty()) {
      throw FaultException.missing("uid", "is required");
    }
    return uid;
  }

  private static @Nullable String absent(String text) {
    return text.isEmpty() ? null : text;
  }
}
