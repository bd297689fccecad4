package io.faultd.grpc;

import io.helidon.common.buffers.BufferData;
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

/**
 * Refuses calls of methods that do not exist when their request has ended.
 *
 * <p>Helidon refuses them at once, and then ends the whole connection, with all other calls on it,
 * when the rest of the request comes for the stream that it has closed.
 *
 * @param grpc Helidon's own
 */
record UnknownMethods(Http2SubProtocolSelector grpc) implements Http2SubProtocolSelector {
  // not public
  private static final String REFUSAL = "GrpcProtocolHandlerNotFound";

  @Override
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
    SubProtocolResult result =
        grpc.subProtocol(
            context, prologue, headers, writer, stream, server, client, flow, state, router);
    boolean refused =
        result.supported()
            && result.subProtocol().getClass().getSimpleName().equals(REFUSAL)
            && state != Http2StreamState.HALF_CLOSED_REMOTE;
    return refused ? new SubProtocolResult(true, new Later(result.subProtocol())) : result;
  }

  /**
   * A refusal that waits.
   *
   * @param refusal writes it when it is initialised
   */
  private record Later(SubProtocolHandler refusal) implements SubProtocolHandler {
    @Override
    public void init() {
      // not yet
    }

    @Override
    public Http2StreamState streamState() {
      return refusal.streamState();
    }

    @Override
    public void rstStream(Http2RstStream reset) {
      refusal.rstStream(reset);
    }

    @Override
    public void windowUpdate(Http2WindowUpdate update) {
      refusal.windowUpdate(update);
    }

    @Override
    public void data(Http2FrameHeader header, BufferData data) {
      refusal.data(header, data);
      if (header.flags(Http2FrameTypes.DATA).endOfStream()) {
        refusal.init();
      }
    }
  }
}
