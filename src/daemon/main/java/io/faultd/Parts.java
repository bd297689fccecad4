package io.faultd;

import io.faultd.access.Access;
import io.faultd.access.PeerLookup;
import io.faultd.callback.Callbacks;
import io.faultd.cri.ContainerFinder;
import io.faultd.cri.Listed;
import io.faultd.cri.Selector;
import io.faultd.dispatch.Containers;
import io.faultd.dispatch.Finders;
import io.faultd.dispatch.Inventory;
import io.faultd.dispatch.NodeFacts;
import io.faultd.dispatch.TargetView;
import io.faultd.experiment.Audit;
import io.faultd.experiment.AuditLine;
import io.faultd.experiment.Engine;
import io.faultd.experiment.Guard;
import io.faultd.experiment.GuardRails;
import io.faultd.experiment.Outbox;
import io.faultd.experiment.Rules;
import io.faultd.experiment.Store;
import io.faultd.fault.Aim;
import io.faultd.fault.Target;
import io.faultd.grpc.CallAccess;
import io.faultd.grpc.GrpcSurface;
import io.faultd.http.Backend;
import io.faultd.http.HttpApi;
import io.faultd.jvm.JvmFlags;
import io.faultd.jvm.JvmProcess;
import io.faultd.jvm.JvmTargets;
import io.faultd.jvm.Jvms;
import io.faultd.linux.Boot;
import io.faultd.linux.Capabilities;
import io.faultd.linux.file.Flock;
import io.faultd.linux.net.Sockets;
import io.faultd.linux.proc.Procfs;
import io.faultd.preparation.LivePreparations;
import io.faultd.rollback.Rollback;
import io.faultd.spec.CommonRules;
import io.faultd.spec.ContainerFlags;
import io.faultd.store.DataFolder;
import io.faultd.store.SqliteStore;
import io.faultd.worker.WorkerMain;
import io.faultd.worker.Workers;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Metrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The one place where all parts are put together. */
final class Parts implements Daemon.Wiring {
  private static final System.Logger LOG = System.getLogger(Parts.class.getName());
  private static final Path PROC = Path.of("/proc");

  private final Settings settings;
  private final LateExperiments experiments = new LateExperiments();
  private final LatePreparations preparations = new LatePreparations();
  private final Jvms jvms = new Jvms(Procfs.HOST, Parts::own);
  private final JvmTargets jvmTargets = new JvmTargets(jvms, preparations::agent);
  private final Groundwork groundwork;
  private final ContainerFinder containers;
  private final CommonRules rules;
  private final Actions actions;
  private volatile String instance = "";
  private volatile @Nullable Audit audit;

  /** Parts by these settings; sockets are made while the ground is laid. */
  Parts(Settings settings, Groundwork groundwork) {
    this.settings = settings;
    this.groundwork = groundwork;
    this.containers = new ContainerFinder(settings.runtimes());
    Settings.Limits limits = settings.limits();
    this.rules = new CommonRules(limits.timeout(), limits.timeoutRequired(), settings.callbacks());
    SecretFile.trustedFolder(Setting.SPECS_DIR, settings.specs());
    Finders finders =
        new Finders(
            new Runtimes(),
            Map.of(
                "jvm", (place, params) -> jvmTargets.find(place, ((JvmFlags.Order) params).jvm())));
    this.actions = new Actions(settings.specs(), groundwork, rules, finders);
  }

  /** Containers, which only root can enter. */
  private final class Runtimes implements Containers {
    @Override
    public Target find(ContainerFlags flags) throws IOException {
      return containers.find(
          new Selector(
              flags.id(),
              flags.name(),
              flags.labels(),
              flags.podName(),
              flags.podNamespace(),
              flags.runtime(),
              flags.endpoint(),
              flags.namespace()));
    }

    @Override
    public Optional<String> missing() {
      return Optional.ofNullable(actions.dispatcher().missing(Capabilities.ROOT))
          .or(containers::missing);
    }
  }

  @Override
  public Daemon.Core open(Settings opened) throws IOException {
    Flock lock = NodeLock.take(settings.node().lock());
    DataFolder folder = new DataFolder(settings.data().dir());
    SqliteStore store = new SqliteStore(folder, settings.data().ephemeral());
    instance = store.instance();
    audit = store.audit();
    try {
      Workers.endOrphans(instance, null);
    } catch (IOException e) {
      // one that cannot end now must not keep all else from being undone
      LOG.log(System.Logger.Level.WARNING, "of the last run: {0}", e.getMessage());
    }
    Guard guard = guard();
    LivePreparations prepared =
        new LivePreparations(
            new LivePreparations.Parts(
                store.preparations(),
                jvms,
                guard,
                experiments,
                new NodeTime(),
                instance,
                settings.retention()));
    prepared.recover();
    preparations.are(prepared);
    Engine engine = engine(folder, store, guard);
    MeterRegistry meters = Metrics.globalRegistry();
    TimedExperiments timed = new TimedExperiments(engine, meters);
    engine.failuresTo(timed::failed);
    engine.undosTo(timed::undone);
    engine.recover();
    experiments.are(timed);
    NodeMeters node = new NodeMeters(meters, settings.data().dir(), engine, store);
    Optional<Callbacks> callbacks = callbacks(store.outbox(), engine);
    Rehearsal rehearsal =
        Rehearsal.begin(new Rehearsal.Parts(actions.dispatcher(), jvms, store, timed));
    return new Daemon.Core(
        new Backend(
            experiments,
            preparations,
            actions.dispatcher()::actions,
            this::targets,
            this::facts,
            this::audit,
            actions.specs().added()),
        ending -> {
          rehearsal.close(ending);
          node.close();
          engine.close(ending);
          callbacks.ifPresent(each -> each.close(ending));
          experiments.are(null);
          prepared.close(ending);
          preparations.are(null);
          store.close();
          close(folder, lock);
        });
  }

  /** None where nobody may be called, and nobody needs a thread for it. */
  private Optional<Callbacks> callbacks(Outbox outbox, Engine engine) {
    return settings.callbacks().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Callbacks(
                new Callbacks.Parts(
                    outbox, engine, rules::allows, HttpApi::document, Duration.ofSeconds(1))));
  }

  private Guard guard() {
    GuardRails rails = new GuardRails(settings.data().dir(), own(), Set.copyOf(settings.protect()));
    return (Aim aim, List<String> allowed) ->
        rails.allowed(aim, allowed) ? Optional.empty() : rails.guards(aim);
  }

  /** This very program and its workers. */
  private static boolean own(JvmProcess jvm) {
    return jvm.pid() == ProcessHandle.current().pid()
        || jvm.command().contains(" " + WorkerMain.class.getName() + " ");
  }

  private Inventory.Seen targets(TargetView.@Nullable Kind kind) {
    List<TargetView> targets = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    if (kind != TargetView.Kind.JVM) {
      ContainerFinder.Running running = containers.running();
      running.containers().forEach(each -> targets.add(view(each)));
      warnings.addAll(running.failures());
    }
    if (kind != TargetView.Kind.CONTAINER) {
      try {
        jvms.all().forEach(each -> targets.add(view(each)));
      } catch (IOException e) {
        warnings.add("JVMs: " + e.getMessage());
      }
    }
    return new Inventory.Seen(targets, warnings);
  }

  private static TargetView view(Listed container) {
    Map<String, String> properties = new TreeMap<>();
    properties.put("image", container.image());
    properties.put("state", container.state());
    properties.put("runtime", container.runtime());
    properties.put("endpoint", container.endpoint());
    if (!container.podName().isEmpty()) {
      properties.put("pod", container.podName());
      properties.put("namespace", container.podNamespace());
    }
    container.labels().forEach((key, value) -> properties.put("label:" + key, value));
    return new TargetView(TargetView.Kind.CONTAINER, container.id(), container.name(), properties);
  }

  private static TargetView view(JvmProcess jvm) {
    return new TargetView(
        TargetView.Kind.JVM,
        Integer.toString(jvm.pid()),
        jvm.name(),
        Map.of(
            "command", ShownCommand.shown(Procfs.HOST.arguments(jvm.pid())),
            "user", Integer.toUnsignedString(jvm.user()),
            "machine", jvm.machine().name().toLowerCase(Locale.ROOT)));
  }

  private Engine engine(DataFolder folder, Store store, Guard guard) throws IOException {
    Settings.Limits limits = settings.limits();
    Rules rules =
        new Rules(
            limits.experiments(),
            limits.inject(),
            settings.recovery() == Settings.Recovery.RESUME,
            settings.retention());
    return new Engine(
        actions.dispatcher(),
        store,
        new Rollback(folder.scratch(), folder::room),
        guard,
        NodeSweep::order,
        new NodeTime(),
        rules,
        Engine.THREADS);
  }

  @Override
  public GrpcSurface grpc(Access access, Duration patience) {
    return new GrpcSurface(
        experiments,
        preparations,
        actions.dispatcher(),
        new GrpcSurface.Node(this::facts, this::targets, this::audit),
        new GrpcSurface.Door(CallAccess.of(access), patience));
  }

  @Override
  public PeerLookup peers() {
    return (client, server) ->
        Sockets.HOST
            .peer(client, server)
            .map(peer -> new PeerLookup.Owner(peer.uid(), peer.inode()));
  }

  private List<AuditLine> audit(@Nullable String uid, Instant since, long before, int limit) {
    Audit present = audit;
    return present == null ? List.of() : present.lines(uid, since, before, limit);
  }

  private NodeFacts facts() {
    Map<String, String> missing = groundwork.missing().missing();
    Map<String, String> known = new TreeMap<>();
    Capabilities.NAMES.forEach(name -> known.put(name, missing.getOrDefault(name, "")));
    known.put("containers", new Runtimes().missing().orElse(""));
    try {
      return new NodeFacts(
          settings.node().name(),
          Boot.id(),
          instance,
          Main.version(),
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
