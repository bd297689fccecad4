package io.faultd.grpc;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.grpc.StatusRuntimeException;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.http2.Http2ErrorCode;
import io.helidon.http.http2.Http2FrameHeader;
import io.helidon.http.http2.Http2FrameTypes;
import io.helidon.http.http2.Http2RstStream;
import io.helidon.http.http2.Http2StreamState;
import io.helidon.http.http2.Http2WindowUpdate;
import io.helidon.webserver.http2.spi.Http2SubProtocolSelector.SubProtocolHandler;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A call as it comes in. One that is refused costs nothing from then on: Helidon's part of it,
 * which has buffers of 16 KiB for both directions, is let go, and what still comes is dropped.
 *
 * <p>The answer to one that sends one message waits for its end: Helidon ends the whole connection
 * when a frame comes for a stream that it has closed. One that sends many may wait for the answer.
 */
final class IncomingCall implements SubProtocolHandler {
  private final Inlet inlet;
  private final boolean single;
  private final Trailers trailers;
  private final ReentrantLock reading = new ReentrantLock();

  private volatile @Nullable SubProtocolHandler handler;
  private volatile @Nullable StatusRuntimeException refusal;
  private volatile boolean late;

  /** Of a call that is refused. */
  private volatile Http2StreamState state = Http2StreamState.OPEN;

  private boolean answered;

  /**
   * One that has just begun.
   *
   * @param handler what reads and answers it if it is not refused
   * @param single whether its method takes one message
   */
  IncomingCall(SubProtocolHandler handler, Inlet inlet, boolean single, Trailers trailers) {
    this.handler = handler;
    this.inlet = inlet;
    this.single = single;
    this.trailers = trailers;
  }

  @Override
  public void init() {
    SubProtocolHandler present = handler;
    if (present != null) {
      StatusRuntimeException verdict = Verdict.of(() -> inlet.during(present::init));
      if (verdict != null) {
        refuse(verdict);
      }
    }
  }

  @Override
  public void data(Http2FrameHeader header, BufferData data) {
    reading.lock();
    try {
      boolean last = header.flags(Http2FrameTypes.DATA).endOfStream();
      if (refusal == null) {
        read(header, data, last);
      } else if (last) {
        state = Http2StreamState.HALF_CLOSED_REMOTE;
        end();
      }
    } finally {
      reading.unlock();
    }
  }

  private void read(Http2FrameHeader header, BufferData data, boolean last) {
    BufferData whole;
    try {
      whole = inlet.take(data, last, this::late);
    } catch (FaultException failure) {
      refuse(Failures.of(failure), last);
      return;
    }
    SubProtocolHandler present = handler;
    if (present != null && (last || whole.available() > 0)) {
      present.data(header, whole);
    }
    inlet.read();
    if (!inlet.waits()) {
      late = false; // that was of a message that has come to its end
    } else if (late) {
      refuse(tooLate());
    }
  }

  private void late() {
    if (reading.tryLock()) {
      try {
        if (refusal == null && inlet.waits()) {
          refuse(tooLate());
        }
      } finally {
        reading.unlock();
      }
    } else {
      late = true; // who reads now looks at it
    }
  }

  private static StatusRuntimeException tooLate() {
    return Failures.of(
        new FaultException(Reason.LIMIT, "a large message took longer than server.body-timeout"));
  }

  private void refuse(StatusRuntimeException why) {
    refuse(why, false);
  }

  private void refuse(StatusRuntimeException why, boolean last) {
    SubProtocolHandler present = handler;
    if (present == null || present.streamState() == Http2StreamState.CLOSED) {
      return; // it was answered, or is gone
    }
    answered = present.streamState() == Http2StreamState.HALF_CLOSED_LOCAL;
    state = last ? Http2StreamState.HALF_CLOSED_REMOTE : present.streamState();
    refusal = why;
    handler = null;
    inlet.close();
    present.rstStream(new Http2RstStream(Http2ErrorCode.CANCEL));
    if (!single || state == Http2StreamState.HALF_CLOSED_REMOTE) {
      end();
    }
  }

  private void end() {
    StatusRuntimeException why = refusal;
    boolean whole = state == Http2StreamState.HALF_CLOSED_REMOTE;
    if (why != null && !answered) {
      answered = true;
      trailers.write(why);
    }
    state = whole ? Http2StreamState.CLOSED : Http2StreamState.HALF_CLOSED_LOCAL;
  }

  @Override
  public void rstStream(Http2RstStream frame) {
    SubProtocolHandler present = handler;
    if (present == null) {
      state = Http2StreamState.CLOSED;
    } else {
      present.rstStream(frame);
    }
    inlet.close();
  }

  @Override
  public Http2StreamState streamState() {
    SubProtocolHandler present = handler;
    return present == null ? state : present.streamState();
  }

  @Override
  public void windowUpdate(Http2WindowUpdate update) {
    SubProtocolHandler present = handler;
    if (present != null) {
      present.windowUpdate(update);
    }
  }
}
