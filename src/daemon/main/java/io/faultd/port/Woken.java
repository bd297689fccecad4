package io.faultd.port;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.HttpPrologue;
import io.helidon.http.http2.Http2ErrorCode;
import io.helidon.http.http2.Http2FrameHeader;
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
import org.jspecify.annotations.Nullable;

/**
 * A protocol on top of HTTP/2 whose streams end with their connection.
 *
 * @param protocol which
 * @param connections tells when one is gone
 */
record Woken(Http2SubProtocolSelector protocol, Connections connections)
    implements Http2SubProtocolSelector {

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
    SubProtocolResult result =
        protocol.subProtocol(
            context, prologue, headers, writer, stream, server, client, flow, state, router);
    return result.supported()
        ? new SubProtocolResult(
            true, new Stream(result.subProtocol(), connections, context.childSocketId()))
        : result;
  }

  /** A stream, whose own thread calls all but {@link #rstStream} and {@link #windowUpdate}. */
  private static final class Stream implements SubProtocolHandler {
    private final SubProtocolHandler handler;
    private final Connections connections;
    private final String connection;
    private volatile @Nullable Wait wait;

    Stream(SubProtocolHandler handler, Connections connections, String connection) {
      this.handler = handler;
      this.connections = connections;
      this.connection = connection;
    }

    @Override
    public void init() {
      handler.init();
      wait = connections.waiting(connection, this::gone);
      goOn();
    }

    @Override
    public void data(Http2FrameHeader header, BufferData data) {
      Wait present = wait;
      if (present != null) {
        present.end();
      }
      try {
        handler.data(header, data);
      } finally {
        goOn();
      }
    }

    /** As if the client had said so. */
    private void gone() {
      handler.rstStream(new Http2RstStream(Http2ErrorCode.CANCEL));
    }

    private void goOn() {
      Wait present = wait;
      if (present != null && handler.streamState() == Http2StreamState.CLOSED) {
        present.close();
      } else if (present != null) {
        present.begin();
      }
    }

    @Override
    public void rstStream(Http2RstStream frame) {
      handler.rstStream(frame);
      Wait present = wait;
      if (present != null) {
        present.close();
      }
    }

    @Override
    public Http2StreamState streamState() {
      return handler.streamState();
    }

    @Override
    public void windowUpdate(Http2WindowUpdate update) {
      handler.windowUpdate(update);
    }
  }
}
