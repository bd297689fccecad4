package io.faultd;

import io.faultd.access.Access;
import io.faultd.access.PeerLookup;
import io.faultd.dispatch.Dispatcher;
import io.faultd.dispatch.Inventory;
import io.faultd.dispatch.NodeFacts;
import io.faultd.grpc.CallAccess;
import io.faultd.grpc.GrpcSurface;
import io.faultd.http.Backend;
import io.faultd.spec.CommonRules;
import io.faultd.spec.Specs;
import io.faultd.testing.MemoryExperiments;
import io.faultd.testing.MemoryPreparations;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Parts that touch nothing, with the real services of both ports. */
final class QuietParts implements Daemon.Wiring {
  final MemoryExperiments experiments = new MemoryExperiments();
  private final MemoryPreparations preparations = new MemoryPreparations();
  private final ToLongFunction<InetAddress> user;

  /** Whose the sockets of this node are, is told by their address. */
  QuietParts(ToLongFunction<InetAddress> user) {
    this.user = user;
  }

  @Override
  public Daemon.Core open(Settings settings) {
    NodeFacts info = new NodeFacts("n", "b", "i", "1", "6", Map.of());
    return new Daemon.Core(
        new Backend(
            experiments,
            preparations,
            List::of,
            kind -> new Inventory.Seen(List.of(), List.of()),
            () -> info,
            (uid, since, before, limit) -> List.of(),
            Specs.Added.NONE),
        ending -> {});
  }

  @Override
  public GrpcSurface grpc(Access access, Duration patience) {
    return new GrpcSurface(
        experiments,
        preparations,
        new Dispatcher(Specs.load(null), Map::of, CommonRules.DEFAULT),
        new GrpcSurface.Node(
            () -> new NodeFacts("n", "b", "i", "1", "6", Map.of()),
            kind -> new Inventory.Seen(List.of(), List.of()),
            (uid, since, before, limit) -> List.of()),
        new GrpcSurface.Door(CallAccess.of(access), patience));
  }

  @Override
  public PeerLookup peers() {
    return (client, server) ->
        Optional.of(new PeerLookup.Owner(user.applyAsLong(client.getAddress()), 4711));
  }
}
