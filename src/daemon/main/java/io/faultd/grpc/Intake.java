package io.faultd.grpc;

import io.faultd.port.Sieved;
import io.helidon.http.HttpPrologue;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2Settings;
import io.helidon.http.http2.Http2StreamState;
import io.helidon.http.http2.Http2StreamWriter;
import io.helidon.http.http2.StreamFlowControl;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http2.spi.Http2SubProtocolSelector;
import io.helidon.webserver.http2.spi.SubProtocolResult;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * gRPC whose messages are read when there is room for them.
 *
 * <p>Helidon makes room for a message as soon as its length is told, on each stream of each
 * connection, whoever is at the other end, and keeps those that nobody asks for.
 *
 * @param grpc what reads them
 * @param single {@code package.Service/Method} of those that take one message
 * @param room bytes that all large messages may have together
 * @param patience how long a large message may take to arrive
 */
record Intake(Http2SubProtocolSelector grpc, Set<String> single, Semaphore room, Duration patience)
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
        grpc.subProtocol(
            context, prologue, headers, writer, stream, server, client, flow, state, router);
    if (!result.supported()) {
      return result;
    }
    Trailers trailers = new Trailers(writer, stream, flow.outbound());
    String method = prologue.uriPath().path().substring(1);
    boolean one = single.contains(method);
    Inlet inlet =
        new Inlet(room, patience, one, CallAccess.orders(method), () -> Sieved.unknown(context));
    return new SubProtocolResult(
        true, new IncomingCall(result.subProtocol(), inlet, one, trailers));
  }
}
