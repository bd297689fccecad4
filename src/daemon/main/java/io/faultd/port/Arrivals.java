package io.faultd.port;

import io.faultd.access.Strangers;
import io.helidon.common.socket.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The options of a port's connections; as they are set, the connection is told to the strangers.
 *
 * <p>It is the only place where Helidon shows a connection before it waits for its first byte, or
 * for its TLS, and it would wait for ever.
 */
public final class Arrivals implements SocketOptions {
  private final Strangers strangers;
  private final Ends ends;

  /** Without it Nagle's algorithm and delayed acknowledgements cost 40 ms per answer. */
  private final SocketOptions options = SocketOptions.builder().tcpNoDelay(true).build();

  /** Options of a port whose connections are strangers at first. */
  public Arrivals(Strangers strangers) {
    this(strangers, SocketChannel::getRemoteAddress);
  }

  /** The same of a socket whose clients have no address. */
  Arrivals(Strangers strangers, Ends ends) {
    this.strangers = strangers;
    this.ends = ends;
  }

  /** Tells connections apart by who is at their other end. */
  @FunctionalInterface
  interface Ends {
    /** What stands for who has just connected. */
    SocketAddress client(SocketChannel socket) throws IOException;
  }

  @Override
  public void configureSocket(SocketChannel socket) {
    options.configureSocket(socket);
    try {
      strangers.arrived(socket, ends.client(socket));
    } catch (IOException e) {
      throw new UncheckedIOException("a client that has gone before it was looked at", e);
    }
  }

  @Override
  public Map<SocketOption<?>, Object> socketOptions() {
    return options.socketOptions();
  }

  @Override
  public Duration connectTimeout() {
    return options.connectTimeout();
  }

  @Override
  public Duration readTimeout() {
    return options.readTimeout();
  }

  @Override
  public Optional<Integer> socketReceiveBufferSize() {
    return options.socketReceiveBufferSize();
  }

  @Override
  public Optional<Integer> socketSendBufferSize() {
    return options.socketSendBufferSize();
  }

  @Override
  public boolean socketReuseAddress() {
    return options.socketReuseAddress();
  }

  @Override
  public boolean socketKeepAlive() {
    return options.socketKeepAlive();
  }

  @Override
  public boolean tcpNoDelay() {
    return options.tcpNoDelay();
  }
}
