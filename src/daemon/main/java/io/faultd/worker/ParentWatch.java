package io.faultd.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends this worker when its parent is gone: whose pipe stays open where a stopped process or a copy
 * of it has it, so that the end of input alone would not do. Also with the first process of the
 * container that it loads, for a control group with a process in it cannot be removed. Uses java.*
 * alone.
 */
final class ParentWatch implements Runnable {
  private static final String FLAG = "--parent=";
  private static final String UNTIL = "--until=";
  private static final long PAUSE_NANOS = 500_000_000;

  /** Runtimes try for some tenths of a second to remove a group. */
  private static final long SHORT_PAUSE_NANOS = 25_000_000;

  private final Path stat;
  private final String ticks;
  private final Optional<ParentWatch> until;
  private volatile boolean stopped;

  private ParentWatch(String pid, String ticks, Optional<ParentWatch> until) {
    this.stat = Path.of("/proc", pid, "stat");
    this.ticks = ticks;
    this.until = until;
  }

  static ParentWatch start(String[] arguments) {
    ParentWatch watch =
        of(FLAG, arguments, of(UNTIL, arguments, Optional.empty()))
            .orElseThrow(() -> new IllegalArgumentException("no " + FLAG));
    Thread thread = new Thread(watch, "parent");
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  private static Optional<ParentWatch> of(
      String flag, String[] arguments, Optional<ParentWatch> until) {
    for (String each : arguments) {
      if (each.startsWith(flag)) {
        String[] parts = each.substring(flag.length()).split(":", 2);
        return Optional.of(new ParentWatch(parts[0], parts[1], until));
      }
    }
    return Optional.empty();
  }

  /**
   * Tells the parent something; not while it is stopped, for then it reads nothing and a full pipe
   * would hold us.
   */
  synchronized void say(String line) {
    if (!stopped) {
      System.out.println(line);
    }
    if (System.out.checkError()) {
      Runtime.getRuntime().halt(1);
    }
  }

  @Override
  public void run() {
    long pause = until.isEmpty() ? PAUSE_NANOS : SHORT_PAUSE_NANOS;
    while (look() && (until.isEmpty() || until.get().look())) {
      LockSupport.parkNanos(pause);
    }
    Runtime.getRuntime().halt(1);
  }

  /** Whether that process still is. */
  private boolean look() {
    String text;
    try {
      text = new String(Files.readAllBytes(stat), StandardCharsets.UTF_8);
    } catch (IOException gone) {
      return false;
    }
    String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
    char state = fields[0].charAt(0);
    stopped = state == 'T' || state == 't';
    return fields[19].equals(ticks) && state != 'Z' && state != 'X';
  }
}
