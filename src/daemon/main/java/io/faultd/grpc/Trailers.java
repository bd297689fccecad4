package io.faultd.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.helidon.grpc.core.GrpcHeadersUtil;
import io.helidon.http.HeaderNames;
import io.helidon.http.WritableHeaders;
import io.helidon.http.http2.FlowControl;
import io.helidon.http.http2.Http2Flag;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2StreamWriter;

/**
 * The whole answer to a call of which nothing was answered yet: trailers alone (gRPC over HTTP/2,
 * Responses).
 *
 * @param writer of the connection
 * @param stream the call's
 * @param flow of that stream
 */
record Trailers(Http2StreamWriter writer, int stream, FlowControl.Outbound flow) {
  static final String GRPC = "application/grpc";

  /** Ends the call; what is told of a failure is its status, text and metadata. */
  void write(StatusRuntimeException failure) {
    Status status = failure.getStatus();
    WritableHeaders<?> headers = WritableHeaders.create();
    headers.set(Http2Headers.STATUS_NAME, 200);
    headers.set(HeaderNames.CONTENT_TYPE, GRPC);
    headers.set(HeaderNames.create("grpc-status"), status.getCode().value());
    String text = StatusInterceptor.escaped(status.getDescription());
    if (text != null) {
      headers.set(HeaderNames.create("grpc-message"), text);
    }
    Metadata more = failure.getTrailers();
    if (more != null) {
      GrpcHeadersUtil.updateHeaders(headers, more);
    }
    writer.writeHeaders(
        Http2Headers.create(headers),
        stream,
        Http2Flag.HeaderFlags.create(Http2Flag.END_OF_HEADERS | Http2Flag.END_OF_STREAM),
        flow);
  }
}
