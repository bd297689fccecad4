package io.faultd.preparation;

import io.faultd.experiment.Actor;
import io.faultd.experiment.Calm;
import io.faultd.experiment.Ending;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Guard;
import io.faultd.experiment.OwnThread;
import io.faultd.experiment.Permit;
import io.faultd.experiment.Time;
import io.faultd.fault.Agent;
import io.faultd.fault.Aim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.jvm.AgentLink;
import io.faultd.jvm.JvmProcess;
import io.faultd.jvm.Jvms;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.faultd.preparation.Prepared.Kind;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The preparations of this node, and the agents behind them.
 *
 * <p>Work is done on platform threads, for one JVM by one at a time; each change is on disk before
 * it is told.
 */
public final class LivePreparations implements Preparations, AutoCloseable {
  private static final Logger LOG = System.getLogger(LivePreparations.class.getName());

  private static final Executor PLATFORM =
      work -> Thread.ofPlatform().daemon().name("faultd-prepare").start(work);

  private static final Actor WATCH = Actor.own("watch");
  private static final Permit EXPERIMENT =
      new Permit(Actor.own("experiment"), Set.of(), Set.of(), false);

  /** One that says nothing for so long is left to itself. */
  private static final Duration STOP = Duration.ofSeconds(4);

  private final Parts parts;
  private final LateRecords records;
  private final Calm calm;
  private final Sites sites = new Sites();
  private final Watch watch;
  private final Making making;
  private final Leftovers leftovers;

  /**
   * What they work with.
   *
   * @param store keeps the records
   * @param jvms finds the targets
   * @param guard keeps what nobody wants prepared from being it
   * @param experiments those that a revoke ends
   * @param time clocks
   * @param instance names this daemon
   * @param retention how long ended records are kept
   */
  public record Parts(
      PreparationStore store,
      Jvms jvms,
      Guard guard,
      Experiments experiments,
      Time time,
      String instance,
      Duration retention) {}

  /** Preparations of a daemon that has just started: {@link #recover} first. */
  public LivePreparations(Parts parts) {
    this.parts = parts;
    this.records = new LateRecords(parts.store());
    this.calm = new Calm(parts.time());
    this.making = new Making(parts, records);
    this.leftovers = new Leftovers(parts, records, Procfs.HOST);
    this.watch = new Watch(sites, this::lost, making::left, this::prune, records::caughtUp);
  }

  /**
   * Tells of what the last daemon had prepared that it is no more: agents end with their daemon.
   */
  public void recover() {
    List<Preparation> left = new ArrayList<>();
    for (PreparationStatus each : PreparationStatus.values()) {
      if (each.active()) {
        left.addAll(records.list(new PreparationQuery(null, each, 0, Integer.MAX_VALUE, true)));
      }
    }
    leftovers.clear(left);
    watch.start();
  }

  private void prune() {
    records.prune(calm.now().minus(parts.retention()));
  }

  @Override
  public Prepared create(PreparationOrder order) {
    check(order);
    Making.allow(order.permit());
    CompletableFuture<Prepared> answer = new CompletableFuture<>();
    Consumer<Prepared> recorded = order.async() ? answer::complete : created -> {};
    // whatever comes of it, an Error too: somebody waits for an answer
    var unused =
        CompletableFuture.supplyAsync(() -> made(order, recorded), PLATFORM)
            .whenComplete((prepared, failure) -> {
              if (failure == null) {
                answer.complete(prepared);
              } else {
                answer.completeExceptionally(failure);
              }
            });
    try {
      return answer.join();
    } catch (java.util.concurrent.CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private Prepared made(PreparationOrder order, Consumer<Prepared> recorded) {
    try {
      return create(order, recorded);
    } catch (IOException e) {
      throw new FaultException(Reason.INJECT_FAILED, String.valueOf(e.getMessage()));
    }
  }

  private static void check(PreparationOrder order) {
    if (order.type().isEmpty()) {
      throw FaultException.missing("type", "is needed; it is jvm");
    }
    if (!order.type().equals(Making.JVM) && !order.type().equals("java")) {
      throw FaultException.illegal("type", "must be jvm (or java)");
    }
    if (order.pid() != null && order.pid() < 1) {
      throw FaultException.illegal("pid", order.pid() + " is no pid");
    }
  }

  private Prepared create(PreparationOrder order, Consumer<Prepared> recorded) throws IOException {
    List<String> warnings = warnings(order);
    Optional<Prepared> same = existing(order, warnings);
    if (same.isPresent()) {
      return same.get();
    }
    JvmProcess jvm = parts.jvms().find(order.process(), order.pid(), new Target.Host());
    Making.allow(order.permit(), jvm);
    guard(jvm);
    return sites.work(
        jvm.process(),
        site -> {
          if (order.refresh()) {
            making.ordered(site, order.permit());
          }
          Preparation present = site.record();
          if (site.running() && present != null) {
            if (order.uid() != null && !order.uid().equals(present.uid())) {
              throw taken(
                  "%s is prepared as %s: take that uid, or refresh".formatted(jvm, present.uid()));
            }
            return new Prepared(present, Kind.EXISTING, null, warnings);
          }
          making.end(site, "its agent had ended", WATCH);
          Preparation fresh = making.fresh(order, jvm);
          admit(fresh, order);
          recorded.accept(new Prepared(fresh, Kind.ACCEPTED, null, warnings));
          try {
            return new Prepared(making.attach(site, fresh, jvm), Kind.NEW, null, warnings);
          } catch (FaultException e) {
            return new Prepared(making.failed(fresh, e), Kind.NEW, e, warnings);
          }
        });
  }

  /** Two orders for different JVMs may have the same uid at the same time. */
  private synchronized void admit(Preparation fresh, PreparationOrder order) {
    if (records.find(fresh.uid()).isPresent()) {
      throw taken("uid " + fresh.uid() + " is taken by another preparation");
    }
    records.add(fresh, order.print());
  }

  private static List<String> warnings(PreparationOrder order) {
    List<String> warnings = new ArrayList<>();
    if (order.port() != null) {
      warnings.add("port: ignored, nothing listens in the target");
    }
    if (order.javaHome() != null) {
      warnings.add("javaHome: ignored, no Java of the target's is run");
    }
    return List.copyOf(warnings);
  }

  private Optional<Prepared> existing(PreparationOrder order, List<String> warnings) {
    Optional<PreparationStore.Kept> kept =
        order.uid() == null ? Optional.empty() : records.find(order.uid());
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    Preparation record = kept.get().preparation();
    if (!order.fits(kept.get().order())) {
      throw taken(
          "uid %s is taken by a preparation with another body; refresh makes one of another uid"
              .formatted(record.uid()));
    }
    leftovers.check(record.uid());
    if (!record.status().active()) {
      throw taken("preparation " + record.uid() + " has ended; take another uid");
    }
    return Optional.of(new Prepared(record, Kind.EXISTING, null, warnings));
  }

  private static FaultException taken(String why) {
    return new FaultException(Reason.CONFLICT, Reason.CONFLICT.code(), "uid", why);
  }

  private void guard(JvmProcess jvm) {
    parts
        .guard()
        .guards(new Aim("process", Integer.toString(jvm.pid()), jvm.name()), List.of())
        .ifPresent(why -> {
          throw new FaultException(Reason.FORBIDDEN, jvm + " is protected: " + why);
        });
  }

  /**
   * Its JVM or agent has ended; experiments see that by themselves. While somebody else works there
   * the watch has others to look after, and comes again.
   */
  private void lost(Site site, AgentLink link) {
    sites.attempt(
        link.jvm().process(),
        System.nanoTime(),
        same -> {
          if (same != site || same.link() != link) {
            return null;
          }
          same.rules.clear();
          boolean gone = Procfs.HOST.stat(link.jvm().process()).filter(s -> !s.ended()).isEmpty();
          String what =
              gone ? link.jvm() + " has ended" : "the agent in " + link.jvm() + " has ended";
          return making.end(same, "target-gone: " + what, WATCH);
        });
  }

  @Override
  public Preparation revoke(String uid, Permit permit) {
    Making.allow(permit);
    return OwnThread.call(
        "faultd-revoke-" + uid,
        () -> {
          Preparation record =
              get(uid)
                  .orElseThrow(() ->
                      new FaultException(
                          Reason.UNKNOWN_UID,
                          Reason.UNKNOWN_UID.code(),
                          "uid",
                          "no preparation " + uid));
          return sites.work(
              record.jvm(),
              site -> {
                Preparation present = site.record();
                if (present != null && present.uid().equals(uid)) {
                  return Objects.requireNonNull(making.ordered(site, permit));
                }
                Preparation now = get(uid).orElse(record);
                leftovers.check(uid);
                if (now.status() != PreparationStatus.REVOKED) {
                  now =
                      now.now(
                          PreparationStatus.REVOKED,
                          now.error(),
                          permit.actor(),
                          parts.time().now());
                  records.update(now);
                }
                return now;
              });
        });
  }

  @Override
  public Optional<Preparation> get(String uid) {
    return records.find(uid).map(PreparationStore.Kept::preparation);
  }

  @Override
  public List<Preparation> list(PreparationQuery query) {
    return records.list(query);
  }

  /** The JVMs that can be prepared. */
  public List<JvmProcess> targets() throws IOException {
    return parts.jvms().all();
  }

  /** What experiments say to a JVM; it is prepared when they first need it. */
  public Agent agent(JvmProcess jvm, @Nullable String process) {
    PreparationOrder order =
        new PreparationOrder(
            null, Making.JVM, process, jvm.pid(), null, null, false, false, EXPERIMENT);
    return new PreparedAgent(
        jvm,
        (anew, wanted, then) -> {
          AtomicReference<AgentLink> link = new AtomicReference<>();
          sites.work(
              jvm.process(),
              site -> {
                wanted.run();
                link.set(ensured(site, order, jvm, anew));
                then.accept(site);
                return site;
              });
          return link.get();
        });
  }

  private AgentLink ensured(Site site, PreparationOrder order, JvmProcess jvm, boolean anew)
      throws IOException {
    if (anew) {
      making.end(site, "", EXPERIMENT.actor());
    }
    if (!site.running()) {
      making.end(site, "its agent had ended", WATCH);
      Preparation fresh = making.fresh(order, jvm);
      admit(fresh, order);
      try {
        making.attach(site, fresh, jvm);
      } catch (FaultException e) {
        making.failed(fresh, e);
        throw e;
      }
    }
    return Objects.requireNonNull(site.link());
  }

  @Override
  public void close() {
    close(new Ending(Ending.LIMIT));
  }

  /** Ends all of them, as far as they answer in time. */
  public void close(Ending ending) {
    leftovers.close();
    watch.close(ending);
    // also those that are attached to right now; what takes longer, as the end of one that is
    // stopped does, is left to the next start
    long wait = ending.atMost(STOP).toNanos();
    long deadline = System.nanoTime() + wait;
    CompletableFuture<?>[] ends =
        sites.jvms().stream()
            .map(jvm -> CompletableFuture.runAsync(() -> end(jvm, deadline), PLATFORM))
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(ends)
        .exceptionally(failure -> {
          LOG.log(Level.WARNING, "a preparation did not end: {0}", failure.getMessage());
          return null;
        })
        .completeOnTimeout(null, wait, TimeUnit.NANOSECONDS)
        .join();
  }

  private void end(ProcessIdentity jvm, long deadline) {
    sites.attempt(
        jvm,
        deadline,
        site ->
            site.link() == null
                ? null
                : making.end(site, "faultd was stopped", Actor.own("shutdown")));
  }
}
