package io.faultd.jvm;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Mark;
import io.faultd.linux.Stream;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Stat;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Brings the agent into a JVM: a folder of ours in its /tmp with the jar and two FIFOs, a request
 * to load it, its greeting, and then all of that is gone again.
 *
 * <p>One of these is one try, on a thread of its own: should the target's file system never come
 * back, that thread is lost, and nobody waits for it.
 */
final class Attach {
  /** How long the agent does without hearing of us before it lets go of everything. */
  private static final Duration LEASE = Duration.ofSeconds(30);

  private static final String JAR = "agent.jar";
  private static final String REQUESTS = "requests";
  private static final String REPLIES = "replies";
  private static final int NAMES = 4;

  private final JvmProcess jvm;
  private final String instance;
  private final Procfs procfs;
  private final Duration limit;
  private final long deadline;

  Attach(JvmProcess jvm, String instance, Procfs procfs, Duration limit) {
    this.jvm = jvm;
    this.instance = instance;
    this.procfs = procfs;
    this.limit = limit;
    this.deadline = System.nanoTime() + limit.toNanos();
  }

  /**
   * What came of it.
   *
   * @param channel to the agent
   * @param hello what it said of itself
   */
  record Attached(Channel channel, Line hello) {}

  /** One that succeeds after it was given up on lets go of the agent, as nobody else would. */
  private static final class Try extends FutureTask<Attached> {
    Try(Attach attach) {
      super(attach::load);
    }

    @Override
    protected void set(Attached late) {
      super.set(late);
      if (isCancelled()) {
        late.channel().close();
      }
    }

    Attached within(long milliseconds)
        throws ExecutionException, InterruptedException, TimeoutException {
      try {
        return get(milliseconds, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (cancel(false)) {
          throw e;
        }
        return get(); // it came just now
      }
    }
  }

  /**
   * Attaches.
   *
   * @throws FaultException if this JVM cannot be attached to; nothing of ours is then left there
   */
  Attached attach() throws IOException {
    Try task = new Try(this);
    Thread thread = Thread.ofPlatform().name("faultd-attach-" + jvm.pid()).daemon().unstarted(task);
    thread.start();
    try {
      Attached done = task.within(limit.toMillis() + 1000);
      thread.join();
      return done;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      if (e.getCause() instanceof FaultException refusal) {
        throw refusal;
      }
      throw new IOException(e.getCause());
    } catch (TimeoutException e) {
      throw new FaultException(
          Reason.INJECT_FAILED,
          "%s: its /tmp did not come back in %d s".formatted(jvm, limit.toSeconds()));
    } catch (InterruptedException e) {
      task.cancel(false);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private Attached load() throws IOException {
    if (jvm.machine() == JvmProcess.Machine.OPENJ9) {
      throw new FaultException(
          Reason.UNSUPPORTED, jvm + " runs OpenJ9, which is not attached to as HotSpot is");
    }
    Mark mark = mark(jvm, instance, 0);
    try (MarkTurn turn = MarkTurn.of(mark, deadline).orElseThrow(this::occupied)) {
      return loadAlone(mark);
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e); // by nobody
    }
  }

  private FaultException occupied() {
    return new FaultException(
        Reason.INJECT_FAILED,
        "%s: its /tmp has not come back from what was done there before".formatted(jvm));
  }

  private Attached loadAlone(Mark mark) throws IOException {
    Attached attached = null;
    try (TempCover cover = TempCover.over(jvm, mark, procfs, this::mayBeAsked);
        TargetTemp temp = TargetTemp.of(jvm, procfs, limit)) {
      cover.check(temp);
      HotSpot client = new HotSpot(jvm, temp, procfs, deadline);
      client.ready();
      String name = makeFolder(temp);
      try (Fd folder = temp.open(name).orElseThrow(() -> TargetTemp.gone(jvm))) {
        try {
          attached = greet(client, temp, folder, name);
        } finally {
          empty(folder);
        }
      } finally {
        TargetTemp.remove(temp.fd(), name, true);
      }
    } catch (LinuxException e) {
      letGo(attached);
      throw said(e);
    } catch (IOException | RuntimeException e) {
      letGo(attached);
      throw e;
    }
    return attached;
  }

  /** The agent goes too, where what brought it cannot be taken away. */
  private static void letGo(@Nullable Attached attached) {
    if (attached != null) {
      attached.channel().close();
    }
  }

  private void mayBeAsked() throws IOException {
    try (TargetTemp temp = TargetTemp.of(jvm, procfs, limit)) {
      new HotSpot(jvm, temp, procfs, deadline).mayBeAsked();
    }
  }

  private IOException said(LinuxException e) {
    if (procfs.gone(jvm.process())) {
      throw TargetTemp.gone(jvm);
    }
    if (e.is(Errno.EROFS, Errno.EACCES, Errno.EPERM, Errno.ENOSPC, Errno.EDQUOT)) {
      throw new FaultException(
          Reason.UNSUPPORTED,
          "nothing can be made in /tmp of %s, through which a JVM is attached to: %s"
              .formatted(jvm, e.errno().text()));
    }
    return e;
  }

  /** One that is always called the same: the JVM remembers the path of each jar for ever. */
  private String makeFolder(TargetTemp temp) throws IOException {
    for (int number = 0; number < NAMES; number++) {
      String name = name(jvm, instance, number);
      clear(temp, name, jvm.user());
      try {
        temp.makeFolder(name).close();
        return name;
      } catch (LinuxException e) {
        if (!e.is(Errno.EEXIST)) {
          throw e;
        }
      }
    }
    throw new IOException("all our names in /tmp of " + jvm + " are taken");
  }

  private static String name(JvmProcess jvm, String instance, int number) {
    return mark(jvm, instance, number).toString();
  }

  private static Mark mark(JvmProcess jvm, String instance, int number) {
    int process = 31 * (int) jvm.process().startTicks() + jvm.process().pid();
    return new Mark(instance, "jvm%08x".formatted(process), number);
  }

  /** Removes what a daemon of this instance that was killed has left. */
  static void sweep(JvmProcess jvm, String instance, Procfs procfs)
      throws IOException, InterruptedException {
    try (MarkTurn turn = MarkTurn.of(mark(jvm, instance, 0));
        TargetTemp temp = TargetTemp.of(jvm, procfs, Duration.ofSeconds(1))) {
      for (int number = 0; number < NAMES; number++) {
        clear(temp, name(jvm, instance, number), jvm.user());
      }
      HotSpot.sweep(temp, jvm);
    }
  }

  private static void clear(TargetTemp temp, String name, int owner) throws IOException {
    Optional<Fd> left = temp.open(name);
    if (left.isEmpty()) {
      return;
    }
    try (Fd folder = left.get()) {
      Stat stat = Stat.of(folder, name);
      if (!stat.isFolder() || stat.owner() != owner) {
        return;
      }
      empty(folder);
    }
    try {
      TargetTemp.remove(temp.fd(), name, true);
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOTEMPTY)) {
        throw e;
      }
    }
  }

  private static void empty(Fd folder) throws LinuxException {
    for (String name : new String[] {JAR, REQUESTS, REPLIES}) {
      TargetTemp.remove(folder, name, false);
    }
  }

  private Attached greet(HotSpot client, TargetTemp temp, Fd folder, String name)
      throws IOException {
    temp.fill(folder, JAR, AgentJar.bytes(), REQUESTS, REPLIES);
    String path = TargetTemp.PATH + "/" + name + "/";
    String options =
        "jar=%s;requests=%s;replies=%s;instance=%s;lease=%d"
            .formatted(path + JAR, path + REQUESTS, path + REPLIES, instance, LEASE.toMillis());
    // both ends of both, so that no opening waits for anybody
    try (Fd toAgent = fifo(folder, REQUESTS, Open::writing);
        Fd fromAgent = fifo(folder, REPLIES, Open::writing)) {
      HotSpot.Answer answer = client.ask("load", "instrument", "false", path + JAR + "=" + options);
      if (!answer.loaded()) {
        throw refused(answer);
      }
      Fd requests = fifo(folder, REQUESTS, Open::feeding);
      Channel channel =
          new Channel(
              new Stream(requests, "agent"),
              new Stream(fifo(folder, REPLIES, Open::reading), "agent"));
      try {
        return new Attached(channel, hello(channel));
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }
  }

  /** How something is opened by its handle. */
  @FunctionalInterface
  private interface Opening {
    Fd open(Fd handle, String path) throws LinuxException;
  }

  /** Opens what is still the FIFO that we made. */
  private Fd fifo(Fd folder, String name, Opening opening) throws IOException {
    try (Fd handle = Open.entry(folder, name, name)) {
      if (!Stat.of(handle, name).isFifo()) {
        throw new IOException("/tmp of " + jvm + ": somebody replaced our FIFO " + name);
      }
      return opening.open(handle, name);
    }
  }

  private Line hello(Channel channel) throws IOException {
    Line line;
    try {
      line = channel.next(deadline);
    } catch (LinuxException e) {
      if (e.is(Errno.ETIMEDOUT)) {
        throw new FaultException(
            Reason.INJECT_FAILED,
            "%s loaded the agent, which did not answer within %d s"
                .formatted(jvm, limit.toSeconds()));
      }
      throw e;
    }
    if (line.word().equals("hello")) {
      return line;
    }
    throw new FaultException(
        line.field("kind").equals("busy") ? Reason.CONFLICT : Reason.INJECT_FAILED,
        jvm + ": " + line.field("text"));
  }

  private FaultException refused(HotSpot.Answer answer) {
    String text = answer.text();
    boolean lacks =
        text.contains("java.instrument") || text.contains("agent loading is not enabled");
    String why =
        switch (text) {
          case "return code: 100" -> "the agent's jar cannot be read there";
          case "return code: 101" -> "the agent's jar cannot be put on its class path";
          case "return code: 102" -> "the agent could not start, its standard error tells why";
          default -> text.isEmpty() ? "status " + answer.status() : text;
        };
    return new FaultException(
        lacks ? Reason.UNSUPPORTED : Reason.INJECT_FAILED, jvm + " did not load the agent: " + why);
  }
}
