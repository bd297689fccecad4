package io.faultd;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Reads files anew when they have changed. Looks at them instead of waiting for events, because a
 * secret in Kubernetes changes by a link two folders above.
 */
final class Reloading implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Reloading.class.getName());
  private static final Duration EVERY = Duration.ofSeconds(2);

  private final List<Path> files;
  private final Runnable reload;
  private final Thread thread = new Thread(this::run, "faultd-reload");
  private volatile boolean closed;
  private String seen;

  /**
   * Begins to look.
   *
   * @param reload throws if the new files are no good; what was read before then stays in use
   */
  Reloading(List<Path> files, Runnable reload) {
    this.files = files;
    this.reload = reload;
    this.seen = look();
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (!closed) {
      LockSupport.parkNanos(EVERY.toNanos());
      String now = look();
      if (!now.equals(seen) && !closed) {
        seen = now;
        reload();
      }
    }
  }

  private void reload() {
    try {
      reload.run();
      LOG.log(Level.INFO, "read anew: {0}", files);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "what was read before stays in use: {0}", e.getMessage());
    }
  }

  private String look() {
    return files.stream().map(Reloading::print).collect(Collectors.joining("\n"));
  }

  private static String print(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return now.fileKey() + " " + now.size() + " " + now.lastModifiedTime();
    } catch (IOException e) {
      return "cannot be read";
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
