package io.faultd.grpc;

import io.grpc.Status;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.http.http2.FlowControl;
import io.helidon.http.http2.Http2Flag;
import io.helidon.http.http2.Http2FrameHeader;
import io.helidon.http.http2.Http2FrameTypes;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2RstStream;
import io.helidon.http.http2.Http2Settings;
import io.helidon.http.http2.Http2StreamState;
import io.helidon.http.http2.Http2StreamWriter;
import io.helidon.http.http2.Http2WindowUpdate;
import io.helidon.http.http2.StreamFlowControl;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http2.spi.Http2SubProtocolSelector;
import io.helidon.webserver.http2.spi.SubProtocolResult;
import java.util.Set;

/**
 * Answers calls of methods that do not exist, and leaves all others to Helidon.
 *
 * <p>Helidon's own answer comes before the request's end, and what comes after it for the closed
 * stream ends the connection, with all other calls on it.
 *
 * @param known {@code package.Service/Method}
 */
record UnknownMethods(Set<String> known) implements Http2SubProtocolSelector {
  private static final String GRPC = "application/grpc";

  @Override
  @SuppressWarnings("checkstyle:ParameterNumber") // the interface's
  public SubProtocolResult subProtocol(
      ConnectionContext context,
      HttpPrologue prologue,
      Http2Headers headers,
      Http2StreamWriter writer,
      int stream,
      Http2Settings server,
      Http2Settings client,
      StreamFlowControl flow,
      Http2StreamState state,
      Router router) {
    String method = prologue.uriPath().path().substring(1);
    boolean call =
        headers.httpHeaders().first(HeaderNames.CONTENT_TYPE).orElse("").startsWith(GRPC);
    return call && !known.contains(method)
        ? new SubProtocolResult(true, new Refusal(writer, stream, flow.outbound(), state))
        : NOT_SUPPORTED;
  }

  /** A call that is read to its end, and then refused. */
  private static final class Refusal implements SubProtocolHandler {
    private final Http2StreamWriter writer;
    private final int stream;
    private final FlowControl.Outbound flow;
    private Http2StreamState state;

    Refusal(
        Http2StreamWriter writer, int stream, FlowControl.Outbound flow, Http2StreamState state) {
      this.writer = writer;
      this.stream = stream;
      this.flow = flow;
      this.state = state;
    }

    @Override
    public void init() {
      if (state == Http2StreamState.HALF_CLOSED_REMOTE) {
        refuse();
      }
    }

    @Override
    public Http2StreamState streamState() {
      return state;
    }

    @Override
    public void rstStream(Http2RstStream frame) {
      state = Http2StreamState.CLOSED;
    }

    @Override
    public void windowUpdate(Http2WindowUpdate update) {
      // an answer without data needs no window
    }

    @Override
    public void data(Http2FrameHeader header, BufferData data) {
      if (header.flags(Http2FrameTypes.DATA).endOfStream()) {
        refuse();
      }
    }

    /** Trailers alone (gRPC over HTTP/2, Responses). */
    private void refuse() {
      WritableHeaders<?> headers = WritableHeaders.create();
      headers.set(Http2Headers.STATUS_NAME, 200);
      headers.set(HeaderNames.CONTENT_TYPE, GRPC);
      headers.set(HeaderNames.create("grpc-status"), Status.Code.UNIMPLEMENTED.value());
      headers.set(
          HeaderNames.create("grpc-message"), "no such method; reflection lists what there is");
      writer.writeHeaders(
          Http2Headers.create(headers),
          stream,
          Http2Flag.HeaderFlags.create(Http2Flag.END_OF_HEADERS | Http2Flag.END_OF_STREAM),
          flow);
      state = Http2StreamState.CLOSED;
    }
  }
}
