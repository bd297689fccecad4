package io.faultd.grpc;

import io.faultd.fault.FaultException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Says who may call; asked before a message of the call is read. */
@FunctionalInterface
public interface CallAccess {
  /**
   * Lets a call pass.
   *
   * @throws FaultException UNAUTHENTICATED or FORBIDDEN
   */
  void check(Caller caller);

  /**
   * What is known of a caller.
   *
   * @param method full name, as {@code faultd.v1.NodeService/GetInfo}
   * @param peer its end of the connection
   * @param local our end of the connection
   * @param authorization the metadata of this name, as it came
   * @param certified whether it showed a certificate that TLS verified
   */
  record Caller(
      String method,
      @Nullable SocketAddress peer,
      @Nullable SocketAddress local,
      @Nullable String authorization,
      boolean certified) {}
}
