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
 * @param hosts names under which it may be addressed over HTTP; absent: not set
 * @param token what clients must present; absent: they must be root on this node
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
    @Nullable List<String> hosts,
    @Nullable String token,
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

  /** Never tells the token. */
  @Override
  public String toString() {
    return "http=%s, grpc=%s, token=%s, data=%s, node=%s"
        .formatted(http, grpc, token == null ? "none" : "set", data, node);
  }
}
