package io.faultd;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the daemon was told, checked and typed. The file {@code etc/faultd.yaml} says what each key
 * means.
 *
 * @param http where REST is served
 * @param grpc where gRPC is served
 * @param socket where both are served on a Unix socket; absent: nowhere
 * @param hosts names under which it may be addressed over HTTP; absent: not set
 * @param security who is let in
 * @param tls what both ports are encrypted with; absent: they are not
 * @param clients how many, and how long they may take
 * @param data the data folder
 * @param node this node, and what keeps a second daemon off it
 * @param runtimes sockets of container runtimes; empty: where runtimes have theirs
 * @param specs a folder of further specs
 * @param recovery what a start does with what the last run left
 * @param limits bounds
 * @param callbacks prefixes of URLs that may be called back
 * @param protect traffic that faults on the network leave alone
 * @param retention how long ended records are kept
 */
record Settings(
    Listener http,
    Listener grpc,
    @Nullable Path socket,
    @Nullable List<String> hosts,
    Security security,
    @Nullable Tls tls,
    Clients clients,
    Data data,
    Node node,
    List<String> runtimes,
    @Nullable Path specs,
    Recovery recovery,
    Limits limits,
    List<String> callbacks,
    List<String> protect,
    Duration retention) {

  /**
   * A socket.
   *
   * @param host a name or address
   * @param port 0: any that is free
   */
  record Listener(String host, int port) {}

  /**
   * Who is let in; if neither is set, and no client must show a certificate, root on this node.
   *
   * @param token what clients present who may do everything
   * @param tokens a file that says who may do what
   */
  record Security(@Nullable String token, @Nullable Path tokens) {
    /** Never tells the token. */
    @Override
    public String toString() {
      return "token=%s, tokens=%s".formatted(token == null ? "none" : "set", tokens);
    }
  }

  /**
   * Certificates and keys, PEM.
   *
   * @param certificate ours, and those between it and a known authority
   * @param key ours
   * @param clientAuthority whose certificates clients show; absent: they show none
   * @param clientsMay whether they may also show none
   */
  record Tls(Path certificate, Path key, @Nullable Path clientAuthority, boolean clientsMay) {
    /** Whether nobody comes in without a certificate. */
    boolean mutual() {
      return clientAuthority != null && !clientsMay;
    }
  }

  /**
   * Bounds on clients.
   *
   * @param connections how many a port serves at once
   * @param login how long a connection may take until one of its requests is let in
   * @param body how long a body, or a large message, may take to arrive
   * @param idle how long a connection may have nothing to do
   */
  record Clients(int connections, Duration login, Duration body, Duration idle) {}

  /**
   * The data folder.
   *
   * @param dir where
   * @param ephemeral whether faults that change files are allowed although the folder may vanish
   */
  record Data(Path dir, boolean ephemeral) {}

  /**
   * The node.
   *
   * @param name what it is called
   * @param lock a file that only one daemon can hold
   */
  record Node(String name, Path lock) {}

  /**
   * Bounds.
   *
   * @param inject how long putting a fault in place may take
   * @param experiments how many at once
   * @param timeout the longest; absent: none
   * @param timeoutRequired whether each experiment must have one
   */
  record Limits(
      Duration inject, int experiments, @Nullable Duration timeout, boolean timeoutRequired) {}

  /** What a start does with experiments that had not ended. */
  enum Recovery {
    /** Undo them. */
    ROLLBACK,
    /** Undo them, and inject them again. */
    RESUME
  }

  /** Whether strangers are kept out by what they must show, and not only by where they are. */
  boolean guarded() {
    return security.token() != null || security.tokens() != null || tls != null && tls.mutual();
  }

  /** Never tells the token. */
  @Override
  public String toString() {
    return "http=%s, grpc=%s, %s, tls=%s, data=%s, node=%s"
        .formatted(http, grpc, security, tls == null ? "none" : "set", data, node);
  }
}
