package io.faultd.jvm;

import io.faultd.fault.Agent;
import io.faultd.fault.Agent.Rule;
import io.faultd.fault.Aim;
import io.faultd.fault.CancelledException;
import io.faultd.fault.Effect;
import io.faultd.fault.Effect.State;
import io.faultd.fault.FaultException;
import io.faultd.fault.Hold;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A rule in a JVM. The agent drops it when it no longer hears of us, so there is nothing to undo.
 *
 * <p>The JVM is asked on a thread of its own: it may take as long as it likes, and whoever destroys
 * the experiment meanwhile is not to wait for it. What it does late is then taken back by that
 * thread.
 */
final class RuleHold implements Hold {
  /** A JVM answers in milliseconds; one that does not may not either for long. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** The limit of an injection is its owner's matter. */
  private static final Duration UNTIL_CANCELLED = Duration.ofDays(1);

  private final Target.Jvm jvm;
  private final Agent.Order order;
  private final String waiting;
  private State state = State.RAMPING;
  private Instant since = Instant.now();
  private boolean asking;
  private boolean givenUp;
  private volatile boolean added;
  private volatile @Nullable String left;

  private RuleHold(Target.Jvm jvm, Agent.Order order, String waiting) {
    this.jvm = jvm;
    this.order = order;
    this.waiting = waiting;
  }

  /**
   * What a fault puts into a JVM.
   *
   * @param target whose classes it is about, as agents know it
   * @param action what happens there
   * @param flags how, and to which calls
   * @param what the same for people
   * @param waiting what a rule that waits waits for
   */
  record Plan(
      String target, String action, Map<String, String> flags, String what, String waiting) {}

  /** The JVM that an injection is for, which may be touched. */
  static Target.Jvm target(Injection on) {
    Target.Jvm jvm = (Target.Jvm) on.target();
    on.aim(new Aim("process", Integer.toString(jvm.process().pid()), jvm.name()));
    return jvm;
  }

  /** Puts a rule about calls in place; it works, or waits for their class, when this returns. */
  static void inject(Injection on, CallFlags.Which which, Strike strike) throws IOException {
    Calls calls = which.calls();
    CallFlags common = which.common();
    if (common.effectCount() != null && common.effectPercent() != null) {
      on.warn("effect-percent: ignored, as effect-count is given");
    }
    Map<String, String> flags = new LinkedHashMap<>(calls.flags());
    flags.putAll(strike.flags());
    String what = strike.action() + " in " + calls;
    inject(
        on,
        target(on),
        common.jvm(),
        new Plan(calls.target(), strike.action(), flags, what, calls.waiting()));
  }

  /** Puts a rule in place; it works, or waits, when this returns. */
  static void inject(Injection on, Target.Jvm jvm, JvmFlags which, Plan plan) throws IOException {
    if (which.javaHome() != null) {
      on.warn("javaHome: ignored, no Java of the target's is run");
    }
    RuleHold hold =
        new RuleHold(
            jvm,
            new Agent.Order(on.id(), plan.target(), plan.action(), plan.flags()),
            plan.waiting());
    on.hold("%s of process %d (%s)".formatted(plan.what(), jvm.process().pid(), jvm.name()), hold);
    FutureTask<Rule> asked = hold.ask(which.refresh());
    on.await(UNTIL_CANCELLED, asked::isDone);
    hold.rule(asked).warnings().forEach(on::warn);
  }

  private FutureTask<Rule> ask(boolean refresh) {
    Thread owner = Thread.currentThread();
    // keeps whatever comes of it, an Error too
    FutureTask<Rule> asked = new FutureTask<>(() -> put(refresh));
    Thread asks =
        Thread.ofPlatform()
            .name("faultd-rule-" + order.id())
            .daemon()
            .unstarted(() -> {
              asked.run();
              if (!answered()) {
                try {
                  takeOut();
                } finally {
                  over();
                }
              }
              LockSupport.unpark(owner); // it looks only now and then
            });
    try {
      asking();
      asks.start();
      return asked;
    } catch (OutOfMemoryError e) {
      over();
      throw new FaultException(Reason.INJECT_FAILED, "no thread can be had: " + e.getMessage());
    }
  }

  private synchronized void asking() {
    asking = true;
  }

  /** Whether somebody wants to know. */
  private synchronized boolean answered() {
    if (!givenUp) {
      over();
    }
    return !givenUp;
  }

  private synchronized void over() {
    asking = false;
    notifyAll();
  }

  private Rule put(boolean refresh) throws IOException {
    jvm.agent().prepare(refresh, this::wanted);
    wanted();
    added = true;
    Rule rule = jvm.agent().add(order);
    if (rule.state() == Agent.State.BROKEN) {
      throw new FaultException(Reason.INJECT_FAILED, rule.error());
    }
    return rule;
  }

  private synchronized void wanted() {
    if (givenUp) {
      throw new CancelledException();
    }
  }

  private Rule rule(FutureTask<Rule> answer) throws IOException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new FaultException(Reason.INJECT_FAILED, jvm.name() + ": " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    }
  }

  @Override
  public synchronized Effect effect() {
    if (!added) {
      return told(State.GONE, null, "let go of");
    }
    try {
      Optional<Rule> found = jvm.agent().look(order.id());
      return found.isEmpty()
          ? told(State.GONE, null, "gone: the agent no longer has the rule")
          : seen(found.get());
    } catch (FaultException e) {
      return e.reason() == Reason.TARGET_NOT_FOUND ? lost(e) : silent(e);
    } catch (IOException e) {
      return silent(e);
    }
  }

  private Effect seen(Rule rule) {
    return switch (rule.state()) {
      case ARMED -> told(State.SETTLED, rule, rule.error().isEmpty() ? null : rule.error());
      case SPENT -> told(State.SETTLED, rule, "it has struck as often as effect-count says");
      case WAITING -> told(State.RAMPING, rule, waiting);
      case BROKEN -> told(rule.classes() > 0 ? State.DEGRADED : State.GONE, rule, rule.error());
    };
  }

  private Effect lost(FaultException why) {
    boolean ended = Procfs.HOST.stat(jvm.process()).filter(stat -> !stat.ended()).isEmpty();
    return told(State.GONE, null, (ended ? "target-gone: " : "gone: ") + why.getMessage());
  }

  private Effect silent(Exception why) {
    return told(State.DEGRADED, null, why.getMessage());
  }

  private Effect told(State now, @Nullable Rule rule, @Nullable String detail) {
    if (now != state) {
      state = now;
      since = Instant.now();
    }
    return new Effect(state, null, null, null, rule == null ? null : rule.hits(), since, detail);
  }

  @Override
  public void close() {
    if (unanswered()) {
      left = "process %d (%s) has not answered yet".formatted(jvm.process().pid(), jvm.name());
    } else {
      takeOut();
    }
  }

  /** Gives the JVM a moment to answer what it was asked; whether it has not. */
  private synchronized boolean unanswered() {
    givenUp = true;
    long end = System.nanoTime() + PATIENCE.toNanos();
    try {
      for (long wait = PATIENCE.toNanos(); asking && wait > 0; wait = end - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, wait);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return asking;
  }

  /** On one thread at a time: the one that asks, and once that is over its owner's. */
  private void takeOut() {
    if (!added) {
      left = null;
      return;
    }
    try {
      jvm.agent().remove(order.id());
      gone();
    } catch (FaultException e) {
      if (e.reason() == Reason.TARGET_NOT_FOUND) {
        gone(); // with all its rules
      } else {
        left = e.getMessage();
      }
    } catch (IOException e) {
      left = e.getMessage();
    }
  }

  private void gone() {
    added = false;
    left = null;
  }

  @Override
  public Optional<String> left() {
    return Optional.ofNullable(left);
  }
}
