package io.faultd.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;
import java.util.Objects;

/** Turns failures into statuses with details, and back for nobody. */
final class Failures {
  /** The trailer that carries the numeric code. */
  static final Metadata.Key<String> CODE =
      Metadata.Key.of("faultd-code", Metadata.ASCII_STRING_MARSHALLER);

  private static final String DOMAIN = "faultd";

  /**
   * Bytes of text in a status, which carries it three times.
   *
   * <p>Helidon never returns from writing a header that is larger than the peer's HPACK table,
   * which is 4096 bytes: neither the details in Base64 nor the text, percent-encoded, may come
   * near.
   */
  private static final int LONGEST_TEXT = 600;

  /** Bytes of a field's name. */
  private static final int LONGEST_FIELD = 200;

  /** Bytes of what may join the details. */
  static final int LONGEST_MORE = 1200;

  private Failures() {}

  /** What a client says by itself when its deadline is over, unless the answer is quicker. */
  static StatusRuntimeException late(FaultException failure) {
    return Status.DEADLINE_EXCEEDED
        .withDescription(cut(Objects.requireNonNullElse(failure.getMessage(), ""), LONGEST_TEXT))
        .asRuntimeException();
  }

  /** The status of a failure of which no record was made. */
  static StatusRuntimeException of(FaultException failure) {
    return of(failure, Map.of());
  }

  /** The status of a failure of an experiment. */
  static StatusRuntimeException of(FaultException failure, String uid) {
    return of(failure, Map.of("uid", uid));
  }

  /**
   * The status of a failure.
   *
   * @param more joins the details
   */
  static StatusRuntimeException of(
      FaultException failure, Map<String, String> metadata, Message... more) {
    String text = cut(Objects.requireNonNullElse(failure.getMessage(), ""), LONGEST_TEXT);
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(code(failure.reason()).value())
            .setMessage(text)
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setReason(failure.reason().name())
                        .setDomain(DOMAIN)
                        .putAllMetadata(metadata)
                        .build()));
    failure
        .field()
        .ifPresent(field ->
            status.addDetails(
                Any.pack(
                    BadRequest.newBuilder()
                        .addFieldViolations(
                            BadRequest.FieldViolation.newBuilder()
                                .setField(cut(field, LONGEST_FIELD))
                                .setDescription(text))
                        .build())));
    for (Message one : more) {
      status.addDetails(Any.pack(one));
    }
    Metadata trailers = new Metadata();
    trailers.put(CODE, Integer.toString(failure.code()));
    return StatusProto.toStatusRuntimeException(status.build(), trailers);
  }

  /** The column gRPC of the table of errors. */
  private static Status.Code code(Reason reason) {
    return switch (reason) {
      case BAD_REQUEST, MISSING_PARAMETER, ILLEGAL_PARAMETER -> Status.Code.INVALID_ARGUMENT;
      case UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
      case FORBIDDEN -> Status.Code.PERMISSION_DENIED;
      case UNKNOWN_ACTION, UNKNOWN_UID, TARGET_NOT_FOUND -> Status.Code.NOT_FOUND;
      case CONFLICT -> Status.Code.ABORTED;
      case UNSUPPORTED -> Status.Code.FAILED_PRECONDITION;
      case LIMIT -> Status.Code.RESOURCE_EXHAUSTED;
      case STORE_UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case INJECT_FAILED, RESIDUE -> Status.Code.INTERNAL;
    };
  }

  /** The beginning of {@code text} that has at most {@code bytes} of UTF-8. */
  static String cut(String text, int bytes) {
    int room = bytes;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      room -= c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      if (room < 0) {
        return text.substring(0, i) + "...";
      }
    }
    return text;
  }
}
