package io.faultd.grpc;

import io.faultd.port.Sieved;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.HttpPrologue;
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
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * gRPC whose messages are read when there is room for them.
 *
 * <p>Helidon makes room for a message as soon as its length is told, on each stream of each
 * connection, whoever is at the other end.
 *
 * @param grpc what reads them
 * @param room bytes that all large messages may have together
 */
record Intake(Http2SubProtocolSelector grpc, Semaphore room) implements Http2SubProtocolSelector {
  /**
   * Larger ones need room; a stranger, who may only ask for our health, has none, nor more than
   * one.
   */
  private static final int SMALL = 16 * 1024;

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int PREFIX = 5;

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
    return result.supported()
        ? new SubProtocolResult(true, new Call(context, result.subProtocol(), room))
        : result;
  }

  /** A call. */
  private static final class Call implements SubProtocolHandler {
    private final ConnectionContext context;
    private final SubProtocolHandler handler;
    private final Semaphore room;
    private final byte[] prefix = new byte[PREFIX];
    private int filled;
    private long left;
    private int messages;
    private final AtomicInteger held = new AtomicInteger();
    private boolean refused;
    private volatile boolean reset;

    Call(ConnectionContext context, SubProtocolHandler handler, Semaphore room) {
      this.context = context;
      this.handler = handler;
      this.room = room;
    }

    @Override
    public void init() {
      handler.init();
    }

    @Override
    public void data(Http2FrameHeader header, BufferData data) {
      if (!refused) {
        look(data);
      }
      if (!refused) {
        handler.data(header, data);
      } else if (header.flags(Http2FrameTypes.DATA).endOfStream()) {
        handler.data(
            Http2FrameHeader.create(
                0,
                Http2FrameTypes.DATA,
                Http2Flag.DataFlags.create(Http2Flag.END_OF_STREAM),
                header.streamId()),
            BufferData.empty());
      }
      if (refused || left == 0 || header.flags(Http2FrameTypes.DATA).endOfStream()) {
        release();
      }
    }

    /** Goes through the messages that begin in the data: gRPC over HTTP/2, Requests. */
    private void look(BufferData data) {
      int at = 0;
      int length = data.available();
      while (at < length && !refused) {
        if (left > 0) {
          int skipped = (int) Math.min(left, length - at);
          at += skipped;
          left -= skipped;
        } else {
          prefix[filled++] = (byte) data.get(at++);
          if (filled == PREFIX) {
            filled = 0;
            begin();
          }
        }
      }
    }

    private void begin() {
      left = 0;
      for (int i = 1; i < PREFIX; i++) {
        left = left << 8 | prefix[i] & 0xff;
      }
      release();
      messages++;
      // what is too large anyway is refused without room for it
      boolean large = left > SMALL && left <= GrpcSurface.READ_BUFFER;
      boolean packed = prefix[0] != 0;
      if (Sieved.unknown(context)) {
        // Helidon keeps what nobody asks for, unpacked
        refused = large || packed || messages > 1;
      } else if (packed) {
        refused = !reserved(StatusInterceptor.LARGEST_MESSAGE);
      } else if (large) {
        refused = !reserved((int) left);
      }
    }

    private boolean reserved(int bytes) {
      try {
        if (room.tryAcquire(bytes, PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
          held.set(bytes);
          if (reset) {
            release();
          }
          return true;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return false;
    }

    private void release() {
      room.release(held.getAndSet(0));
    }

    @Override
    public void rstStream(Http2RstStream frame) {
      handler.rstStream(frame);
      reset = true;
      release();
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
