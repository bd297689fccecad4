package io.faultd.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
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
  private static final StatusRuntimeException UNIMPLEMENTED =
      Status.UNIMPLEMENTED
          .withDescription("no such method; reflection lists what there is")
          .asRuntimeException();

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
        headers.httpHeaders().first(HeaderNames.CONTENT_TYPE).orElse("").startsWith(Trailers.GRPC);
    return call && !known.contains(method)
        ? new SubProtocolResult(
            true, new Refusal(new Trailers(writer, stream, flow.outbound()), state))
        : NOT_SUPPORTED;
  }

  /** A call that is read to its end, and then refused. */
  private static final class Refusal implements SubProtocolHandler {
    private final Trailers trailers;
    private Http2StreamState state;

    Refusal(Trailers trailers, Http2StreamState state) {
      this.trailers = trailers;
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

    private void refuse() {
      trailers.write(UNIMPLEMENTED);
      state = Http2StreamState.CLOSED;
    }
  }
}
