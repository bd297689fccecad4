package io.faultd.access;

import io.faultd.access.Admission.Admitted;
import io.faultd.access.Admission.Barred;
import io.faultd.access.Admission.Refused;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Decides who is let in; the one place that both ports ask. Thread-safe. */
public final class Access {
  private static final System.Logger LOG = System.getLogger(Access.class.getName());
  private static final String SCHEME = "bearer ";

  /** Who the audit has for the daemon itself, and for root of this node. */
  static final Set<String> RESERVED = Set.of("faultd", "root");

  private static final Duration LOGIN = Duration.ofSeconds(10);

  private final Supplier<List<Grant>> grants;
  private final Certified certified;
  private final Set<String> hosts;
  private final PeerLookup peers;
  private final Failures failures = new Failures(System::nanoTime);
  private final Strangers strangers;

  /**
   * Rules.
   *
   * @param grants who may do what, read anew for each request; if there are none, clients without a
   *     certificate must be root on this node
   * @param certified what a certificate says of who shows it
   * @param hosts the names under which clients may address the daemon over HTTP; empty: any
   * @param peers who made a socket
   * @param login how long a connection may take until one of its requests is let in
   */
  public Access(
      Supplier<List<Grant>> grants,
      Certified certified,
      List<String> hosts,
      PeerLookup peers,
      Duration login) {
    this.grants = grants;
    this.certified = certified;
    this.hosts =
        hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    this.peers = peers;
    this.strangers = new Strangers(this::place, login);
  }

  /**
   * Rules with one token that may do everything.
   *
   * @param token absent: clients must be root on this node
   */
  public Access(@Nullable String token, List<String> hosts, PeerLookup peers) {
    this(of(token), Certified.NONE, hosts, peers, LOGIN);
  }

  private static Supplier<List<Grant>> of(@Nullable String token) {
    List<Grant> one = token == null ? List.of() : List.of(Grant.all("token", token));
    return () -> one;
  }

  /** Whether a request is let in, and as whom. */
  public Admission admit(Presented presented) {
    Admission admission = decided(presented);
    if (admission instanceof Admitted) {
      strangers.known(presented.client(), presented.server());
    }
    return admission;
  }

  /**
   * Whether one that was let in still may come in, now that files may say otherwise or a
   * certificate may be over; for what goes on after it was let in. Counts no failure: nothing was
   * tried.
   */
  public Admission standing(Presented presented) {
    Optional<String> flaw = flaw(presented);
    if (flaw.isPresent()) {
      return new Refused(flaw.get());
    }
    if (proven(presented)) {
      return new Admitted(root(presented));
    }
    List<Grant> present = grants.get();
    if (present.isEmpty() && presented.certificate() == null) {
      // whose socket it is does not change, and no file says who may come in
      return new Admitted(root(presented));
    }
    return certified(presented, present)
        ? certificate(presented, present)
        : token(presented, present);
  }

  /** The connections of which none was let in yet. */
  public Strangers strangers() {
    return strangers;
  }

  private Admission decided(Presented presented) {
    Optional<String> flaw = flaw(presented);
    if (flaw.isPresent()) {
      return new Refused(flaw.get());
    }
    if (proven(presented)) {
      return new Admitted(root(presented));
    }
    List<Grant> present = grants.get();
    if (present.isEmpty() && presented.certificate() == null) {
      return peer(presented);
    }
    if (certified(presented, present)) {
      return certificate(presented, present);
    }
    Optional<String> place = place(presented.client(), presented.server());
    Optional<Duration> left = place.flatMap(failures::barred);
    if (left.isPresent()) {
      return new Barred(left.get());
    }
    Admission admission = token(presented, present);
    if (admission instanceof Refused refused && presented.authorization() != null) {
      place.ifPresent(failures::failed);
      LOG.log(
          System.Logger.Level.WARNING,
          "login failed from {0}: {1}",
          presented.from(),
          refused.why());
    }
    return admission;
  }

  /**
   * Whether an HTTP request was meant for this daemon, so that no page of another origin reaches it
   * through a name that was made to point here.
   *
   * @param host the {@code Host} header or {@code :authority}, with or without a port
   * @param client who sent it; a Unix socket is localhost whatever the daemon's other names are
   */
  public boolean addressed(@Nullable String host, @Nullable SocketAddress client) {
    return hosts.isEmpty()
        || host != null
            && (hosts.contains(name(host))
                || client instanceof LocalPeer && name(host).equals("localhost"));
  }

  /** A new connection would not be made with such a certificate, whatever token comes with it. */
  private Optional<String> flaw(Presented presented) {
    return presented.certificate() == null
        ? Optional.empty()
        : certified.flaw().apply(presented.chain());
  }

  /** Whether the audit has a name for the daemon itself, or for root of this node. */
  public static boolean reserved(String name) {
    return RESERVED.contains(name.toLowerCase(Locale.ROOT));
  }

  /**
   * Root on the Unix socket needs no token, for it could read any; with one it is what that says.
   */
  private static boolean proven(Presented presented) {
    return presented.client() instanceof LocalPeer local
        && local.root()
        && presented.authorization() == null;
  }

  /** Whether it goes by certificate: where there is no token, one that comes along says nothing. */
  private static boolean certified(Presented presented, List<Grant> grants) {
    return presented.certificate() != null
        && (presented.authorization() == null
            || grants.stream().allMatch(grant -> grant.digest() == null));
  }

  private Admission certificate(Presented presented, List<Grant> grants) {
    if (certified.all()) {
      String who = presented.name();
      String name = reserved(who) ? "CN=" + who : who;
      return new Admitted(new Caller(name, Role.ADMIN, presented.from(), Set.of(), Set.of()));
    }
    String name = presented.commonName().orElse("");
    return grants.stream()
        .filter(grant -> name.equals(grant.certificate()))
        .findFirst()
        .<Admission>map(grant -> new Admitted(grant.caller(presented.from())))
        .orElseGet(() -> new Refused("no grant names the certificate's common name: " + name));
  }

  private static Admission token(Presented presented, List<Grant> grants) {
    String authorization = presented.authorization();
    if (authorization == null) {
      return new Refused("a token is needed: Authorization: Bearer TOKEN");
    }
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return new Refused("only Authorization: Bearer TOKEN is understood");
    }
    byte[] given = Grant.digest(authorization.substring(SCHEME.length()).strip());
    Admission admission = new Refused("the token is not the right one");
    for (Grant grant : grants) { // all of them, so that the time does not tell which
      if (grant.opens(given)) {
        admission = new Admitted(grant.caller(presented.from()));
      }
    }
    return admission;
  }

  /**
   * Where failures are counted, and connections: on this node by user, else by address. Root is
   * never barred: it could read the token anyway, and nobody else must be able to lock it out.
   */
  private Optional<String> place(@Nullable SocketAddress client, @Nullable SocketAddress server) {
    if (client instanceof LocalPeer local) {
      return local.root() ? Optional.empty() : Optional.of("user " + local.uid());
    }
    if (!(client instanceof InetSocketAddress from) || !(server instanceof InetSocketAddress to)) {
      return Optional.of("unknown");
    }
    InetAddress address = from.getAddress();
    if (!address.isLoopbackAddress()) {
      return Optional.of(network(address));
    }
    try {
      long uid =
          peers
              .owner(from, to)
              .filter(it -> it.inode() != 0)
              .map(PeerLookup.Owner::uid)
              .orElse(-1L);
      return uid == 0 ? Optional.empty() : Optional.of("user " + uid);
    } catch (IOException e) {
      return Optional.of("user unknown");
    }
  }

  /** One IPv6 client has a /64 of addresses to come from. */
  private static String network(InetAddress address) {
    byte[] bytes = address.getAddress();
    return HexFormat.of()
        .formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, 8) : bytes);
  }

  private Admission peer(Presented presented) {
    if (presented.client() instanceof LocalPeer local) {
      return byUser(local.uid(), presented);
    }
    if (presented.client() instanceof InetSocketAddress from
        && presented.server() instanceof InetSocketAddress to) {
      try {
        Optional<PeerLookup.Owner> owner = peers.owner(from, to);
        if (owner.isEmpty() || owner.get().inode() == 0) {
          return new Refused("whoever sent this is gone: its socket is not in the kernel's table");
        }
        return byUser(owner.get().uid(), presented);
      } catch (IOException e) {
        LOG.log(System.Logger.Level.WARNING, "cannot find out who sent a request", e);
      }
    }
    return new Refused("cannot find out who sent this; see security.token");
  }

  private static Admission byUser(long uid, Presented presented) {
    return uid == 0
        ? new Admitted(root(presented))
        : new Refused(
            "without a token only root is let in; this is user %d; see security.token"
                .formatted(uid));
  }

  private static Caller root(Presented presented) {
    return new Caller("root", Role.ADMIN, presented.from(), Set.of(), Set.of());
  }

  private static String name(String host) {
    int colon = host.lastIndexOf(':');
    boolean port =
        colon > host.lastIndexOf(']') && host.indexOf(':') == colon || host.contains("]:");
    return (port ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
  }

  /**
   * What a certificate says of who shows it.
   *
   * @param all whether each that is good may do everything; else those that a grant names, and what
   *     that says
   * @param flaw why one is not good any more, though TLS has verified it when it was shown
   */
  public record Certified(boolean all, Function<List<X509Certificate>, Optional<String>> flaw) {
    /** None is good. */
    public static final Certified NONE =
        new Certified(false, chain -> Optional.of("no certificate of a client is trusted"));
  }
}
