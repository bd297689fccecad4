package io.faultd.jvm;

import io.faultd.fault.Agent.Order;
import io.faultd.fault.Agent.Rule;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.Errno;
import io.faultd.linux.LinuxException;
import io.faultd.linux.ns.Cover;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An agent that runs in a JVM, and the conversation with it: one request after the other, each with
 * its deadline.
 *
 * <p>Thread-safe; for platform threads. As long as this is open the agent keeps its rules; when it
 * closes, or this process ends, it lets go of all of them.
 */
public final class AgentLink implements AutoCloseable {
  private static final Duration GOODBYE = Duration.ofSeconds(5);

  /** Other people's class loading and a change of a large class included. */
  private static final Duration CHANGE = Duration.ofSeconds(30);

  /** Less than a destroy waits. */
  private static final Duration REMOVAL = Duration.ofSeconds(3);

  private static final Duration FAREWELL = Duration.ofMillis(200);
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration FRESH = Duration.ofMillis(300);
  private static final Duration SILENCE = Duration.ofSeconds(3);

  private final JvmProcess jvm;
  private final Procfs procfs;
  private final Line hello;
  private final Channel channel;
  private final ReentrantLock turn = new ReentrantLock();

  /** As they were told last. */
  private final Map<String, Told> rules = new ConcurrentHashMap<>();

  private volatile long told;
  private volatile long heard = System.nanoTime();
  private volatile String left = "";
  private volatile boolean closed;

  /** Whether it said that it ended. */
  private volatile boolean saidGoodbye;

  /** A rule, and when that was so ({@link System#nanoTime}). */
  private record Told(Rule rule, long at) {
    boolean fresh() {
      return System.nanoTime() - at <= FRESH.toNanos();
    }
  }

  private AgentLink(JvmProcess jvm, Procfs procfs, Attach.Attached attached) {
    this.jvm = jvm;
    this.procfs = procfs;
    this.hello = attached.hello();
    this.channel = attached.channel();
  }

  /**
   * Brings an agent into a JVM.
   *
   * @param instance names the daemon, so that the agents of two do not meet
   * @param limit for all of it
   * @throws FaultException if this JVM cannot be attached to; says why, and nothing of ours is left
   */
  public static AgentLink open(JvmProcess jvm, String instance, Procfs procfs, Duration limit)
      throws IOException {
    return new AgentLink(jvm, procfs, new Attach(jvm, instance, procfs, limit).attach());
  }

  /** Whose agent it is. */
  public JvmProcess jvm() {
    return jvm;
  }

  /** The version of its Java. */
  public String java() {
    return hello.field("java");
  }

  /** Whether the JVM has ended, or its agent has. */
  public boolean ended() {
    if (closed) {
      return true;
    }
    try {
      return procfs.gone(jvm.process())
          || channel.ended()
          || closed; // by now, and then that was not asked of our descriptor
    } catch (UncheckedIOException unseen) {
      return false; // for want of descriptors, which says nothing about it
    } catch (IOException | IllegalStateException e) {
      return true;
    }
  }

  /**
   * Asks it something.
   *
   * @param limit for the answer, other people's turns included
   * @return the items of its answer, and last its ok
   * @throws FaultException what it answers with an error; TARGET_NOT_FOUND if it is gone,
   *     INJECT_FAILED if it does not answer in time
   */
  List<Line> ask(String word, Map<String, String> fields, Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    if (!mine(limit)) {
      throw silent(limit);
    }
    try {
      if (closed) {
        throw gone();
      }
      List<Line> reply = channel.ask(word, fields, deadline);
      heard = System.nanoTime();
      if (reply.getLast().word().equals("ok")) {
        return reply;
      }
      throw AgentError.of(reply.getLast(), jvm);
    } catch (LinuxException e) {
      if (e.is(Errno.ETIMEDOUT)) {
        throw silent(limit);
      }
      if (e.is(Errno.EPIPE)) {
        throw gone();
      }
      throw e;
    } finally {
      done();
    }
  }

  /** Ends a turn; whoever has the last one after the close hangs up. */
  private void done() {
    if (closed) {
      if (saidGoodbye) {
        channel.close();
      } else {
        channel.hush();
      }
    }
    turn.unlock();
  }

  private boolean mine(Duration limit) throws IOException {
    try {
      return turn.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private FaultException gone() {
    return new FaultException(Reason.TARGET_NOT_FOUND, "the agent in " + jvm + " has ended");
  }

  private FaultException silent(Duration limit) {
    return new FaultException(
        Reason.INJECT_FAILED,
        "the agent in %s did not answer within %d ms"
            .formatted(Standstill.told(jvm, procfs), limit.toMillis()));
  }

  /**
   * Makes the JVM lose its compiled code now, if it is one that loses it at the first change of a
   * class (JDK 21 and older), so that it does not happen during an experiment.
   */
  public void prime(Duration limit) throws IOException {
    ask("prime", Map.of(), limit);
  }

  /**
   * Lets the agent know that we live, as all that is asked does; without, it ends itself.
   *
   * @return what it could not take out of classes so far, for people; empty: nothing
   */
  public String ping(Duration limit) throws IOException {
    return ask("ping", Map.of(), limit).getLast().field("text");
  }

  /**
   * Looks whether it would take an order now, rather than when it goes on.
   *
   * @throws FaultException UNSUPPORTED if the JVM stands still
   */
  public void awake() throws IOException {
    Standstill.refuse(jvm, procfs);
  }

  /**
   * Adds a rule.
   *
   * @throws FaultException what the JVM does not have or allow
   */
  public Rule add(Order order) throws IOException {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("rule", order.id());
    fields.put("target", order.target());
    fields.put("action", order.action());
    fields.putAll(order.flags());
    Rule rule = ask("add", fields, CHANGE).getLast().rule();
    rules.put(order.id(), new Told(rule, System.nanoTime()));
    return rule;
  }

  /**
   * A rule as it was within the last second; does not wait.
   *
   * @return empty if the agent does not have it
   * @throws FaultException if the agent has gone, or has been silent for long
   */
  public Optional<Rule> look(String id) throws IOException {
    if (ended()) {
      throw gone();
    }
    Told known = rules.get(id);
    if (known != null && known.fresh()) {
      return Optional.of(known.rule());
    }
    if (System.nanoTime() - told > FRESH.toNanos() && turn.tryLock()) {
      try {
        refresh();
      } finally {
        turn.unlock();
      }
    }
    if (System.nanoTime() - heard > SILENCE.toNanos()) {
      throw silent(SILENCE);
    }
    return Optional.ofNullable(rules.get(id)).map(Told::rule);
  }

  private void refresh() throws IOException {
    Map<String, Told> now = new HashMap<>();
    try {
      for (Line item : ask("list", Map.of(), LOOK)) {
        if (item.word().equals("item")) {
          now.put(item.field("rule"), new Told(item.rule(), System.nanoTime()));
        }
      }
    } catch (FaultException e) {
      if (e.reason() == Reason.TARGET_NOT_FOUND) {
        throw e;
      }
      return; // it is busy, or silent, which the time tells
    }
    rules.keySet().retainAll(now.keySet());
    rules.putAll(now);
    told = System.nanoTime();
  }

  /**
   * Removes a rule. If the JVM is stopped meanwhile the agent does it as the first thing when it
   * goes on.
   *
   * @throws FaultException if the agent does not say that it has, also when this was closed and the
   *     JVM did not run since
   */
  public void remove(String id) throws IOException {
    if (closed && !leftNothing()) {
      throw silent(GOODBYE);
    }
    // of one that stands still no answer is to be expected
    ask("remove", Map.of("rule", id), Standstill.of(jvm, procfs).isEmpty() ? REMOVAL : FAREWELL);
    rules.remove(id);
  }

  /**
   * Removes what a daemon of this instance that was killed may have left in a JVM's /tmp; waits for
   * whoever attaches there right now.
   *
   * @throws IOException if it cannot be looked at
   */
  public static void sweep(JvmProcess jvm, String instance, Procfs procfs)
      throws IOException, InterruptedException {
    Attach.sweep(jvm, instance, procfs);
  }

  /**
   * Takes away what daemons of this instance that were killed have mounted over the /tmp of JVMs,
   * also if those are gone and others see it still. What is mounted there by whoever attaches right
   * now is that one's to take away, and waited for.
   *
   * @return what cannot be taken away, for people
   * @throws IOException if not all can be looked at
   */
  public static List<String> uncover(String instance, Procfs procfs)
      throws IOException, InterruptedException {
    return TempCover.removeAll(instance, procfs).stream().map(Cover::describe).toList();
  }

  /**
   * Whether no rule of ours can be in that JVM any more, after {@link #close}. An agent that did
   * not say so, as its JVM is stopped or changes a class that takes long, closes its end of the
   * channel when it has let go.
   */
  public boolean leftNothing() {
    boolean mine = false;
    try {
      if (saidGoodbye || procfs.stat(jvm.process()).filter(stat -> !stat.ended()).isEmpty()) {
        return true;
      }
      mine = turn.tryLock();
      return mine && channel.over();
    } catch (UncheckedIOException unseen) {
      return false;
    } catch (IOException | IllegalStateException e) {
      return true; // closed: it was over
    } finally {
      if (mine) {
        turn.unlock();
      }
    }
  }

  /** What it said as it ended that it had to leave, for people; empty: nothing. */
  public String left() {
    return left;
  }

  /** Gives the last descriptor back when the agent has ended, however long that takes. */
  private void seeOff() {
    Thread.ofPlatform()
        .daemon()
        .name("faultd-farewell-" + jvm.pid())
        .start(() -> {
          alone(channel::hush); // who had the turn last may have had it before the close
          while (!leftNothing()) {
            LockSupport.parkNanos(FAREWELL.toNanos());
          }
          alone(channel::close); // the process may be gone while somebody waits for its answer
        });
  }

  private void alone(Runnable work) {
    turn.lock();
    try {
      work.run();
    } finally {
      turn.unlock();
    }
  }

  /**
   * Sends the agent away: when this returns no rule of ours is in that JVM, nor will be, if {@link
   * #leftNothing} says so. One that is stopped lets go of them as the first thing when it goes on.
   */
  @Override
  public void close() {
    boolean first = !closed;
    try {
      if (!mine(GOODBYE)) {
        closed = true; // whoever has the turn hangs up
      } else if (closed) {
        done();
      } else {
        goodbye();
      }
    } catch (IOException e) {
      closed = true;
    }
    if (first && !saidGoodbye) {
      seeOff();
    }
  }

  private void goodbye() {
    try {
      left =
          channel
              .ask("off", Map.of(), System.nanoTime() + GOODBYE.toNanos())
              .getLast()
              .field("text");
      saidGoodbye = true;
    } catch (IOException e) {
      // it has gone, or goes when it sees that nobody writes any more
    } finally {
      closed = true;
      done();
    }
  }
}
