package io.faultd;

import io.faultd.access.Access;
import io.faultd.access.PeerLookup;
import io.faultd.dispatch.Dispatcher;
import io.faultd.experiment.Engine;
import io.faultd.experiment.Guard;
import io.faultd.experiment.GuardRails;
import io.faultd.experiment.Rules;
import io.faultd.experiment.Store;
import io.faultd.fault.Aim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.grpc.CallAccess;
import io.faultd.grpc.GrpcSurface;
import io.faultd.grpc.NodeFacts;
import io.faultd.http.Backend;
import io.faultd.http.Info;
import io.faultd.linux.Boot;
import io.faultd.linux.Capabilities;
import io.faultd.linux.file.Flock;
import io.faultd.linux.net.Sockets;
import io.faultd.rollback.Rollback;
import io.faultd.spec.CommonRules;
import io.faultd.spec.SpecException;
import io.faultd.spec.Specs;
import io.faultd.store.DataFolder;
import io.faultd.store.SqliteStore;
import io.faultd.worker.Workers;
import io.helidon.webserver.ListenerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The one place where all parts are put together. */
final class Parts implements Daemon.Wiring {
  private static final System.Logger LOG = System.getLogger(Parts.class.getName());
  private static final Path PROC = Path.of("/proc");

  private final Settings settings;
  private final LateExperiments experiments = new LateExperiments();
  private final Capabilities capabilities = new Capabilities(PROC);
  private final Dispatcher dispatcher;
  private volatile String instance = "";

  /**
   * Reads the specs.
   *
   * @throws StartException if one is wrong; says where
   */
  Parts(Settings settings) {
    this.settings = settings;
    Settings.Limits limits = settings.limits();
    try {
      this.dispatcher =
          new Dispatcher(
              Specs.load(settings.specs()),
              capabilities::missing,
              new CommonRules(limits.timeout(), limits.timeoutRequired(), settings.callbacks()));
    } catch (SpecException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public Daemon.Core open(Settings opened) throws IOException {
    Flock lock = NodeLock.take(settings.node().lock());
    DataFolder folder = new DataFolder(settings.data().dir());
    Store store = new SqliteStore(folder, settings.data().ephemeral());
    instance = store.instance();
    try {
      Workers.endOrphans(instance, null);
    } catch (IOException e) {
      // one that cannot end now must not keep all else from being undone
      LOG.log(System.Logger.Level.WARNING, "of the last run: {0}", e.getMessage());
    }
    Engine engine = engine(folder, store);
    engine.recover();
    experiments.are(engine);
    return new Daemon.Core(
        new Backend(experiments, dispatcher::actions, this::info),
        () -> {
          engine.close();
          experiments.are(null);
          store.close();
          close(folder, lock);
        });
  }

  private Engine engine(DataFolder folder, Store store) throws IOException {
    Settings.Limits limits = settings.limits();
    GuardRails rails = new GuardRails(settings.data().dir(), own());
    Guard guard =
        (Aim aim, List<String> allowed) ->
            rails.allowed(aim, allowed) ? Optional.empty() : rails.guards(aim);
    Rules rules =
        new Rules(
            limits.experiments(),
            limits.inject(),
            settings.recovery() == Settings.Recovery.RESUME,
            settings.retention());
    return new Engine(
        dispatcher,
        store,
        new Rollback(folder.scratch()),
        guard,
        NodeSweep::order,
        new NodeTime(),
        rules);
  }

  @Override
  public void grpc(ListenerConfig.Builder listener, Access access) {
    CallAccess calls =
        caller -> {
          if (caller.peer() == null || caller.local() == null) {
            throw new FaultException(Reason.UNAUTHENTICATED, "cannot find out who sent this");
          }
          access
              .refusal(caller.peer(), caller.local(), caller.authorization())
              .ifPresent(why -> {
                throw new FaultException(Reason.UNAUTHENTICATED, why);
              });
        };
    GrpcSurface surface = new GrpcSurface(experiments, dispatcher, this::facts, calls);
    listener.addConnectionSelector(surface.connections()).addRouting(surface.routing());
  }

  @Override
  public PeerLookup peers() {
    return (client, server) ->
        Sockets.HOST
            .peer(client, server)
            .map(peer -> new PeerLookup.Owner(peer.uid(), peer.inode()));
  }

  private Info info() {
    NodeFacts facts = facts();
    return new Info(
        facts.node(),
        facts.bootId(),
        facts.instance(),
        facts.version(),
        facts.kernel(),
        facts.capabilities());
  }

  private NodeFacts facts() {
    Map<String, String> missing = capabilities.missing();
    Map<String, String> known = new TreeMap<>();
    Capabilities.NAMES.forEach(name -> known.put(name, missing.getOrDefault(name, "")));
    try {
      return new NodeFacts(
          settings.node().name(),
          Boot.id(),
          instance,
          Commands.version(),
          Files.readString(PROC.resolve("sys/kernel/osrelease")).strip(),
          known);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where this program and its lock are: never a target. */
  private List<Path> own() {
    List<Path> places = new ArrayList<>(List.of(settings.node().lock()));
    // workers are started from it
    places.add(Path.of(System.getProperty("java.home")));
    for (String place : System.getProperty("java.class.path").split(":", -1)) {
      if (!place.isEmpty()) {
        places.add(Path.of(place));
      }
    }
    var source = Main.class.getProtectionDomain().getCodeSource();
    if (source != null) {
      Path jar = Path.of(source.getLocation().getPath());
      places.add(jar.resolveSibling("lib"));
    }
    return places;
  }

  private static void close(DataFolder folder, Flock lock) {
    folder.close();
    lock.close();
  }
}
