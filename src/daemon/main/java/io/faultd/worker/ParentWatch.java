package io.faultd.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends this worker when its parent is gone: whose pipe stays open where a stopped process or a copy
 * of it has it, so that the end of input alone would not do. Uses java.* alone.
 */
final class ParentWatch implements Runnable {
  private static final String FLAG = "--parent=";
  private static final long PAUSE_NANOS = 500_000_000;

  private final Path stat;
  private final String ticks;
  private volatile boolean stopped;

  private ParentWatch(String pid, String ticks) {
    this.stat = Path.of("/proc", pid, "stat");
    this.ticks = ticks;
  }

  static ParentWatch start(String[] arguments) {
    for (String each : arguments) {
      if (each.startsWith(FLAG)) {
        String[] parts = each.substring(FLAG.length()).split(":", 2);
        ParentWatch watch = new ParentWatch(parts[0], parts[1]);
        Thread thread = new Thread(watch, "parent");
        thread.setDaemon(true);
        thread.start();
        return watch;
      }
    }
    throw new IllegalArgumentException("no " + FLAG);
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
    while (look()) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    Runtime.getRuntime().halt(1);
  }

  /** Whether the parent still is. */
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
