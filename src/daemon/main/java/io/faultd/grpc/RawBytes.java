package io.faultd.grpc;

import io.grpc.BindableService;
import io.grpc.Drainable;
import io.grpc.MethodDescriptor;
import io.grpc.ServerInterceptors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Carries messages as bytes as far as our interceptors.
 *
 * <p>Helidon itself leaves a client whose bytes are no message waiting for ever; behind the
 * interceptors the failure to read them is one like any other.
 */
final class RawBytes implements MethodDescriptor.Marshaller<byte[]> {

  private RawBytes() {}

  /** The same service, its messages read behind the interceptors. */
  static BindableService of(BindableService service) {
    return () -> ServerInterceptors.useMarshalledMessages(service.bindService(), new RawBytes());
  }

  @Override
  public InputStream stream(byte[] message) {
    return new ByteArrayInputStream(message);
  }

  @Override
  public byte[] parse(InputStream stream) {
    try (stream) {
      if (stream instanceof Drainable ours) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream(stream.available());
        ours.drainTo(whole);
        return whole.toByteArray();
      }
      // one byte more than is allowed is enough to see it, however much it would unpack to
      return stream.readNBytes(StatusInterceptor.LARGEST_MESSAGE + 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
