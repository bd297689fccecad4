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
    ListAuditLinesResponse.Builder response = ListAuditLinesResponse.newBuilder();
    int room = Pages.MOST;
    for (io.faultd.experiment.AuditLine line : audit.lines(uid, since, limit)) {
      AuditLine message = message(line);
      room -= message.getSerializedSize();
      if (room < 0) {
        break; // clients take messages of 4 MiB; older ones come with a narrower question
      }
      response.addLines(message);
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
