package io.faultd.grpc;

import com.google.protobuf.Timestamp;
import io.faultd.experiment.Audit;
import io.faultd.fault.FaultException;
import io.faultd.v1.AuditLine;
import io.faultd.v1.AuditServiceGrpc;
import io.faultd.v1.ListAuditLinesRequest;
import io.faultd.v1.ListAuditLinesResponse;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.List;

/** Who did what, over gRPC. */
final class AuditService extends AuditServiceGrpc.AuditServiceImplBase {
  private static final int USUAL = 1_000;
  private static final int LARGEST = 10_000;

  private final Audit audit;

  AuditService(Audit audit) {
    this.audit = audit;
  }

  @Override
  public void listAuditLines(
      ListAuditLinesRequest request, StreamObserver<ListAuditLinesResponse> out) {
    int limit = request.getLimit() == 0 ? USUAL : request.getLimit();
    if (limit < 1 || limit > LARGEST) {
      throw FaultException.illegal("limit", "must be a number from 1 to " + LARGEST);
    }
    Instant since = request.hasSince() ? since(request.getSince()) : Instant.EPOCH;
    String uid = request.getUid().isEmpty() ? null : request.getUid();
    int filters = Pages.filters(request.toBuilder().clearLimit().clearPageToken().build());
    long before = Pages.place(request.getPageToken(), filters, Long.MAX_VALUE);
    List<io.faultd.experiment.AuditLine> lines = audit.lines(uid, since, before, limit + 1);
    ListAuditLinesResponse.Builder response = ListAuditLinesResponse.newBuilder();
    int room = Pages.MOST;
    while (response.getLinesCount() < Math.min(limit, lines.size()) && room > 0) {
      AuditLine message = message(lines.get(response.getLinesCount()));
      response.addLines(message);
      room -= message.getSerializedSize();
    }
    int count = response.getLinesCount();
    if (count < lines.size()) {
      response.setNextPageToken(Pages.token(response.getLines(count - 1).getSeq(), filters));
    }
    out.onNext(response.build());
    out.onCompleted();
  }

  private static Instant since(Timestamp said) {
    long second = said.getSeconds();
    if (said.getNanos() < 0
        || said.getNanos() > 999_999_999
        || second
            != Math.clamp(second, Audit.EARLIEST.getEpochSecond(), Audit.LATEST.getEpochSecond())) {
      throw FaultException.illegal("since", "must be of the years 1 to 9999");
    }
    return Instant.ofEpochSecond(second, said.getNanos());
  }

  private static AuditLine message(io.faultd.experiment.AuditLine line) {
    return AuditLine.newBuilder()
        .setSeq(line.seq())
        .setTime(Messages.of(line.time()))
        .setWho(line.actor().name())
        .setFrom(line.actor().from())
        .setWhat(line.what())
        .setUid(line.uid())
        .setOutcome(line.outcome())
        .setError(line.error())
        .build();
  }
}
