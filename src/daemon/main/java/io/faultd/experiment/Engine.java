package io.faultd.experiment;

import io.faultd.dispatch.Dispatch;
import io.faultd.dispatch.Dispatcher;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.rollback.Rollback;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The engine of this node: admits orders, gives each an {@link Owner}, and keeps them in one map.
 */
public final class Engine implements Experiments, AutoCloseable {
  /** Makes the threads that owners need. */
  public static final ThreadFactory THREADS =
      Thread.ofPlatform().stackSize(512 * 1024).daemon().factory();

  private static final Logger LOG = System.getLogger(Engine.class.getName());
  private static final Duration DESTROY_WAIT = Duration.ofSeconds(5);
  private static final Duration RECOVERY_WAIT = Duration.ofSeconds(5);

  /** What callbacks, agents in JVMs and the store have behind the experiments. */
  private static final Duration OTHERS = Duration.ofSeconds(2);

  /** What an engine works with. */
  record Parts(
      Store store,
      Rollback rollback,
      Guard guard,
      Time time,
      Rules rules,
      Joins joins,
      Claims claims,
      Pulse pulse,
      Consumer<Owner> ended,
      Consumer<Experiment> failed,
      BiConsumer<Experiment, Duration> undone) {}

  private final Dispatcher dispatcher;
  private final Parts parts;
  private final Sweeper sweeper;
  private final Joins turns = new Joins();
  private final Owners owners;
  private final Recovery recovery;
  private final Calm calm;
  private final Pruning pruning;
  private final Clock clock;
  private volatile Consumer<Experiment> failures = record -> {};
  private volatile BiConsumer<Experiment, Duration> undone = (record, took) -> {};
  private volatile boolean ready;
  private volatile boolean closed;

  /** An engine that admits nothing until {@link #recover}; its owners run on these threads. */
  public Engine(
      Dispatcher dispatcher,
      Store store,
      Rollback rollback,
      Guard guard,
      Sweeper sweeper,
      Time time,
      Rules rules,
      ThreadFactory threads) {
    this.dispatcher = dispatcher;
    this.sweeper = sweeper;
    this.owners = new Owners(rules.experiments(), threads);
    this.clock = new Clock(owners);
    this.parts =
        new Parts(
            store,
            rollback,
            guard,
            time,
            rules,
            new Joins(),
            new Claims(),
            new Pulse(),
            owners::ended,
            record -> failures.accept(record),
            (record, took) -> undone.accept(record, took));
    this.calm = new Calm(time);
    this.pruning = new Pruning(store, calm, rules);
    this.recovery = new Recovery(dispatcher, parts, owners);
  }

  /** Undoes what the last daemon left, and opens the door: after 5 s at most. */
  public void recover() {
    parts.pulse().beat(parts.store().lastChange());
    int found = recovery.run(RECOVERY_WAIT);
    clock.start();
    pruning.start();
    ready = true;
    LOG.log(Level.INFO, "ready; {0} experiments were found unfinished", found);
  }

  /** Tells this of each order for which its client did not wait and that came to nothing. */
  public void failuresTo(Consumer<Experiment> told) {
    failures = told;
  }

  /**
   * Tells this of each end of what was in place, whoever wanted it, when it is over or has left
   * residue, and how long it took.
   */
  public void undosTo(BiConsumer<Experiment, Duration> told) {
    undone = told;
  }

  @Override
  public boolean ready() {
    return ready;
  }

  @Override
  public Created create(Order order, Waiting waiting) {
    Dispatch dispatch = understood(order);
    Orders.checkWait(waiting, dispatch);
    String print = Orders.fingerprint(order, dispatch);
    String key = waiting.idempotencyKey();
    Created answer =
        key == null
            ? create(order, dispatch, print, waiting)
            : once(key, order, dispatch, print, waiting);
    return settled(answer, waiting);
  }

  private Created once(String key, Order order, Dispatch dispatch, String print, Waiting waiting) {
    Waiting.checkKey("Idempotency-Key", key);
    String kept = Orders.kept(key, order);
    return turns.during(
        "key:" + kept,
        () -> {
          Optional<Store.Remembered> remembered =
              parts
                  .store()
                  .remembered(kept, calm.now())
                  // those of a daemon before this one are nobody's
                  .or(() -> parts.store().remembered(key, calm.now()));
          if (remembered.isPresent()) {
            Store.Remembered first = remembered.get();
            Experiment now = get(first.uid()).orElseThrow(() -> Records.unknown(first.uid()));
            return Records.replayed(first, now, print, dispatch.common().async());
          }
          Waiting own = new Waiting(kept, waiting.gaveUp(), waiting.settle());
          Created created = create(order, dispatch, print, own);
          if (created.kind() == Created.Kind.EXISTING) {
            parts.store().remember(kept, created.experiment().uid(), print, parts.time().now());
          }
          return created;
        });
  }

  private Dispatch understood(Order order) {
    Orders.check(order);
    Dispatch dispatch =
        dispatcher.dispatch(order.scope(), order.target(), order.action(), order.flags());
    Orders.permitted(order, dispatch);
    return dispatch;
  }

  private Created create(Order order, Dispatch dispatch, String print, Waiting waiting) {
    String uid = order.uid() == null ? Orders.newUid() : order.uid();
    Owner owner;
    turns.enter("uid:" + uid, () -> false);
    try {
      Optional<Created> existing =
          order.uid() == null ? Optional.empty() : existing(uid, print, dispatch.common().async());
      if (existing.isPresent()) {
        return existing.get();
      }
      owner =
          admit(Records.fresh(uid, order, dispatch, parts.time().now()), dispatch, print, waiting);
    } finally {
      turns.leave("uid:" + uid);
    }
    if (dispatch.common().async()) {
      return new Created(owner.standing().record(), Created.Kind.ACCEPTED, null);
    }
    owner.standing().awaitInjection(waiting.gaveUp());
    Experiment now = owner.standing().record();
    return new Created(now, Created.Kind.NEW, Records.failure(now));
  }

  /** Whether it is a first answer or not: whoever wants to wait for the effect does. */
  private Created settled(Created answer, Waiting waiting) {
    String uid = answer.experiment().uid();
    Owner owner = owners.of(uid);
    Duration limit = waiting.settle();
    if (limit == null || answer.failure() != null) {
      return answer;
    }
    if (owner != null) {
      owner.standing().awaitSettled(limit, waiting.gaveUp());
    }
    return answer.with(
        owner == null ? get(uid).orElse(answer.experiment()) : owner.standing().record());
  }

  private Owner admit(Experiment record, Dispatch dispatch, String print, Waiting waiting) {
    if (closed) {
      throw new FaultException(Reason.STORE_UNAVAILABLE, "faultd is ending");
    }
    boolean lasting = !dispatch.undo().equals("none");
    owners.reserve(lasting);
    Experiment added;
    try {
      added = parts.store().add(record, print, waiting.idempotencyKey());
    } catch (RuntimeException e) {
      owners.release(lasting);
      throw e;
    }
    Owner owner = new Owner(added, dispatch, parts);
    parts.pulse().beat(added.seq());
    try {
      owners.start(owner);
    } catch (OutOfMemoryError e) {
      owner.unstarted(Records.threadless(e));
    }
    if (closed) {
      owner.standing().end(Standing.Cause.SHUTDOWN, false);
    }
    return owner;
  }

  private Optional<Created> existing(String uid, String print, boolean async) {
    Optional<Store.Kept> kept = parts.store().find(uid);
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    Owner owner = owners.of(uid);
    if (owner != null && !async && kept.get().order().equals(print)) {
      owner.standing().awaitInjection(() -> false);
    }
    Experiment now = get(uid).orElseThrow(() -> Records.unknown(uid));
    if (!kept.get().order().equals(print)) {
      throw Records.conflict("uid " + uid + " is taken by an experiment with another body");
    }
    if (!now.status().active()) {
      throw Records.conflict("experiment " + uid + " has ended; take another uid");
    }
    return Optional.of(new Created(now, Created.Kind.EXISTING, null));
  }

  @Override
  public Plan plan(Order order) {
    Dispatch dispatch = understood(order);
    return OwnThread.call("faultd-dry-run", () -> new Rehearsal(dispatch, parts).plan());
  }

  @Override
  public Destroyed destroy(String uid, boolean force, Permit permit) {
    Owner owner = owners.of(uid);
    if (owner == null) {
      owner = turns.during("uid:" + uid, () -> admitted(uid, force, permit));
    }
    if (owner == null) {
      return turns.during("uid:" + uid, () -> marked(uid, permit));
    }
    permit.check(owner.standing().record().scope(), owner.standing().record().target());
    int number = owner.standing().end(Standing.Cause.DESTROY, force, permit.actor());
    return outcome(owner, owner.standing().awaitEnd(DESTROY_WAIT, number), permit);
  }

  /** One that is being admitted has its owner when it leaves its turn. */
  private @Nullable Owner admitted(String uid, boolean force, Permit permit) {
    Owner owner = owners.of(uid);
    return owner == null && force ? recovery.taken(uid, permit) : owner;
  }

  /** One that ended by itself while it was being destroyed is marked like one that had before. */
  private Destroyed outcome(Owner owner, boolean tried, Permit permit) {
    Experiment record = owner.standing().record();
    return owner.standing().ended() && record.status() != Status.DESTROYED
        ? turns.during("uid:" + record.uid(), () -> marked(record.uid(), permit))
        : new Destroyed(record, tried && !record.status().active());
  }

  private Destroyed marked(String uid, Permit permit) {
    Store.Kept kept = parts.store().find(uid).orElseThrow(() -> Records.unknown(uid));
    Experiment record = kept.experiment();
    if (!kept.readable()) {
      permit.checkUnbounded(Records.UNREADABLE);
    }
    permit.check(record.scope(), record.target());
    if (record.status() != Status.DESTROYED && kept.readable() && owners.of(uid) == null) {
      Edit edit = new Edit(record).status(Status.DESTROYED).by(permit.actor());
      record = parts.store().close(edit.at(parts.time().now()), List.of());
      parts.pulse().beat(record.seq());
    }
    return new Destroyed(record, true);
  }

  @Override
  public List<Destroyed> destroyAll(Map<String, String> labels, Permit permit) {
    Predicate<Owner> these =
        owner ->
            permit.covers(owner.standing().record())
                && owner.standing().record().labels().entrySet().containsAll(labels.entrySet());
    Stream<Destroyed> destroyed =
        owners.end(these, Standing.Cause.DESTROY, permit.actor(), DESTROY_WAIT).entrySet().stream()
            .map(each -> outcome(each.getKey(), each.getValue(), permit));
    // what cannot be read has no labels, is nobody's but of who may touch all, and needs force
    Stream<Destroyed> left =
        labels.isEmpty() && !permit.bounded()
            ? recovery.unreadable().map(record -> new Destroyed(record, true))
            : Stream.empty();
    return Stream.concat(destroyed, left).toList();
  }

  @Override
  public Swept sweep(String uid, Order order) {
    return turns.during("uid:" + uid, () -> swept(uid, order));
  }

  private Swept swept(String uid, Order order) {
    if (owners.of(uid) != null || parts.store().find(uid).isPresent()) {
      throw Records.conflict("experiment " + uid + " has a record; destroy it");
    }
    Dispatch dispatch = understood(order);
    // whatever carries the uid is undone, and not only what such an order would have made
    order.permit().checkUnbounded("a destroy of what there is no record of");
    Swept swept =
        OwnThread.call(
            "faultd-sweep",
            () -> sweeper.sweep(uid, order.flags()).and(new Rehearsal(dispatch, parts).alike()));
    if (swept.undone().isEmpty() && swept.unsure().isEmpty()) {
      throw Records.unknown(uid);
    }
    AuditLine.of(uid, order, swept, parts.time().now()).keep(parts.store());
    return swept;
  }

  @Override
  public Optional<Experiment> get(String uid) {
    Owner owner = owners.of(uid);
    return owner != null
        ? Optional.of(owner.standing().record())
        : parts.store().find(uid).map(Store.Kept::experiment);
  }

  @Override
  public List<Experiment> unended() {
    return Stream.concat(
            owners.all().stream().map(owner -> owner.standing().record()), recovery.unreadable())
        .toList();
  }

  @Override
  public Stream<Experiment> list(Query query) {
    return parts.store().list(query).map(owners::latest);
  }

  @Override
  public List<Change> changes(@Nullable String uid, long after, int limit, Duration wait) {
    return parts.pulse().changes(parts.store(), uid, after, limit, wait);
  }

  @Override
  public boolean ended(String uid, long seq) {
    return owners.of(uid) == null
        && get(uid).map(last -> last.over() && last.seq() <= seq).orElse(true);
  }

  @Override
  public long lastChange() {
    return parts.store().lastChange();
  }

  /** How many are in place or on their way. */
  public int active() {
    return owners.all().size();
  }

  @Override
  public void close() {
    close(new Ending(Ending.LIMIT));
  }

  /** Undoes everything (or leaves it to be resumed), as far as that can be in time. */
  public void close(Ending ending) {
    ready = false;
    closed = true;
    clock.stop();
    pruning.stop();
    owners.end(
        owner -> true, Standing.Cause.SHUTDOWN, Actor.own("shutdown"), ending.allBut(OTHERS));
    clock.close(ending);
    pruning.close(ending);
  }
}
