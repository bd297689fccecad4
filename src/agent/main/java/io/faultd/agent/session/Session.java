package io.faultd.agent.session;

import io.faultd.agent.core.Refusal;
import io.faultd.agent.core.Rules;
import io.faultd.agent.library.Libraries;
import java.faultd.Gate;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The agent, from hello to the end: a thread that reads requests, and one that ends it all when
 * none has come for too long.
 */
public final class Session implements Runnable {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

  /** Parts of the lease; so many in a row without a request, and it has run out. */
  private static final int PARTS = 10;

  private static final long WHILE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final String PROTOCOL = "1";

  private final Map<String, String> options;
  private final Instrumentation instrumentation;
  private final Conversation conversation;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Tidier tidier = new Tidier();
  private volatile boolean heard;

  /** While a request is answered, which may take longer than the lease, nobody is silent. */
  private volatile boolean answering;

  private Session(Map<String, String> options, Instrumentation instrumentation) {
    this.options = options;
    this.instrumentation = instrumentation;
    this.conversation = new Conversation(new Rules(instrumentation));
  }

  /**
   * Starts the agent.
   *
   * @param options of the attach
   * @param classes of the jar, by path
   * @throws Exception if it cannot begin
   */
  public static void start(
      Map<String, String> options, Map<String, byte[]> classes, Instrumentation instrumentation)
      throws Exception {
    String jar = options.get("jar");
    if (jar == null) {
      throw new IOException("option missing: jar");
    }
    BootClasses.define(classes, jar, instrumentation);
    SystemPath.forget(jar, instrumentation);
    thread("faultd-agent", new Session(options, instrumentation)).start();
  }

  static Thread thread(String name, Runnable body) {
    Thread thread = new Thread(null, body, name, 0);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    return thread;
  }

  @Override
  public void run() {
    Gate.enter();
    try (Channel channel = Channel.open(options)) {
      @Nullable String other = claim();
      if (other != null) {
        Refusal busy = new Refusal(Refusal.Kind.BUSY, null, "another daemon's agent is here");
        channel.write(Conversation.error("0", busy).replace("\n", " instance=" + other + "\n"));
        return;
      }
      try {
        converse(channel);
      } finally {
        clear();
        Gate.release();
      }
    } catch (IOException e) {
      // the daemon is gone, and so are the rules
      return;
    } finally {
      Gate.leave();
    }
  }

  private String instance() {
    return options.getOrDefault("instance", "");
  }

  /** The instance of another agent that does not go away, or null when we are the only one. */
  private @Nullable String claim() {
    long last = System.nanoTime() + PATIENCE;
    @Nullable String other = Gate.claim(instance());
    while (other != null && System.nanoTime() < last) {
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        return other;
      }
      other = Gate.claim(instance());
    }
    return other;
  }

  private void converse(Channel channel) throws IOException {
    channel.write(hello());
    watch(channel);
    try {
      for (String line = channel.read(); line != null; line = channel.read()) {
        answering = true;
        String answer = conversation.answer(line);
        heard = true;
        answering = false;
        channel.write(answer);
        if (line.startsWith("off ")) {
          return;
        }
        if (tidier.begins()) {
          tidyLater();
        }
      }
    } finally {
      over.countDown();
    }
  }

  private void tidyLater() {
    try {
      thread("faultd-tidy", tidier).start();
    } catch (OutOfMemoryError noThread) {
      tidier.run();
    }
  }

  private String hello() throws IOException {
    return new Message.Line("hello", "0")
        .with("protocol", PROTOCOL)
        .with("instance", instance())
        .with("pid", Files.readSymbolicLink(Paths.get("/proc/self")))
        .with("java", System.getProperty("java.version", ""))
        .with("vm", System.getProperty("java.vm.name", ""))
        .with("processors", Runtime.getRuntime().availableProcessors())
        .with("libraries", Libraries.targets())
        .with("retransform", instrumentation.isRetransformClassesSupported())
        .toString();
  }

  /** Ends it all when the daemon lives but says nothing. */
  private void watch(Channel channel) {
    long millis = Long.parseLong(options.getOrDefault("lease", "0"));
    if (millis > 0) {
      Watch watch = new Watch(channel, TimeUnit.MILLISECONDS.toNanos(millis));
      thread("faultd-lease", watch).start();
    }
  }

  private void clear() {
    try {
      conversation.end();
    } catch (Refusal refusal) {
      // what is still woven in does nothing any more
      return;
    }
  }

  /** Takes the code of removed rules out in a while, if no new rule does so on its way. */
  private final class Tidier implements Runnable {
    private boolean begun;

    synchronized boolean begins() {
      boolean begins = !begun && conversation.untidy();
      begun |= begins;
      return begins;
    }

    private synchronized boolean goesOn() {
      begun = conversation.untidy();
      return begun;
    }

    @Override
    public void run() {
      boolean outside = Gate.enter(); // the session's own thread does it if there is no other
      long pause = WHILE_NANOS;
      try {
        do {
          if (over.await(pause, TimeUnit.NANOSECONDS)) {
            return; // then all goes
          }
          pause = conversation.tidy() ? WHILE_NANOS : Math.min(2 * pause, LONGEST_NANOS);
        } while (goesOn());
      } catch (InterruptedException e) {
        conversation.tidy();
      } finally {
        if (outside) {
          Gate.leave();
        }
      }
    }
  }

  /** Waits for the lease to run out, or for the end. */
  private final class Watch implements Runnable {
    private final Channel channel;
    private final long nanos;

    Watch(Channel channel, long nanos) {
      this.channel = channel;
      this.nanos = nanos;
    }

    @Override
    public void run() {
      Gate.enter();
      try {
        if (runsOut()) {
          clear();
          channel.close();
        }
      } catch (IOException | InterruptedException e) {
        clear();
      } finally {
        Gate.leave();
      }
    }

    /**
     * Counts the parts, not the time: one in which this JVM was stopped is long and counts once,
     * and what the daemon has said meanwhile is read in those that follow.
     */
    private boolean runsOut() throws InterruptedException {
      for (int silent = 0; silent < PARTS; silent = answering || heard ? 0 : silent + 1) {
        heard = false;
        if (over.await(nanos / PARTS, TimeUnit.NANOSECONDS)) {
          return false;
        }
      }
      return true;
    }
  }
}
