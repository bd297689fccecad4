package io.faultd.access;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Decides who is let in; the one place that both ports ask. Immutable, thread-safe. */
public final class Access {
  private static final System.Logger LOG = System.getLogger(Access.class.getName());
  private static final String SCHEME = "bearer ";

  private final byte @Nullable [] token;
  private final Set<String> hosts;
  private final PeerLookup peers;

  /**
   * Rules.
   *
   * @param token what clients must present; absent: they must be root on this node
   * @param hosts the names under which clients may address the daemon over HTTP; empty: any
   * @param peers who made a socket; asked only without a token
   */
  public Access(@Nullable String token, List<String> hosts, PeerLookup peers) {
    this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    this.hosts =
        hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    this.peers = peers;
  }

  /**
   * Whether a request is let in.
   *
   * @param client the other end of its connection
   * @param server our end
   * @param authorization the header (HTTP) or metadata entry (gRPC) of that name
   * @return why not, for the client; nothing if it is let in
   */
  public Optional<String> refusal(
      SocketAddress client, SocketAddress server, @Nullable String authorization) {
    return token == null ? peerRefusal(client, server) : tokenRefusal(token, authorization);
  }

  /**
   * Whether an HTTP request was meant for this daemon, so that no page of another origin reaches it
   * through a name that was made to point here.
   *
   * @param host the {@code Host} header or {@code :authority}, with or without a port
   */
  public boolean addressed(@Nullable String host) {
    return hosts.isEmpty() || host != null && hosts.contains(name(host));
  }

  private static Optional<String> tokenRefusal(byte[] token, @Nullable String authorization) {
    if (authorization == null) {
      return Optional.of("a token is needed: Authorization: Bearer TOKEN");
    }
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.of("only Authorization: Bearer TOKEN is understood");
    }
    byte[] given =
        authorization.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8);
    // compares in a time that does not depend on where they differ
    return MessageDigest.isEqual(token, given)
        ? Optional.empty()
        : Optional.of("the token is not the right one");
  }

  private Optional<String> peerRefusal(SocketAddress client, SocketAddress server) {
    if (client instanceof InetSocketAddress from && server instanceof InetSocketAddress to) {
      try {
        Optional<PeerLookup.Owner> owner = peers.owner(from, to);
        if (owner.isEmpty() || owner.get().inode() == 0) {
          return Optional.of("whoever sent this is gone: its socket is not in the kernel's table");
        }
        return owner.get().uid() == 0
            ? Optional.empty()
            : Optional.of(
                "without a token only root is let in; this is user %d; see security.token"
                    .formatted(owner.get().uid()));
      } catch (IOException e) {
        LOG.log(System.Logger.Level.WARNING, "cannot find out who sent a request", e);
      }
    }
    return Optional.of("cannot find out who sent this; see security.token");
  }

  private static String name(String host) {
    int colon = host.lastIndexOf(':');
    boolean port =
        colon > host.lastIndexOf(']') && host.indexOf(':') == colon || host.contains("]:");
    return (port ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
  }
}
