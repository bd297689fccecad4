package io.faultd;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
   * @param files what to look at
   * @param seen what {@link #look} told before they were read
   * @param reload throws if the new files are no good; what was read before then stays in use
   */
  Reloading(List<Path> files, String seen, Runnable reload) {
    this.files = files;
    this.reload = reload;
    this.seen = seen;
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (!closed) {
      String now = look(files);
      if (!now.equals(seen) && !closed) {
        seen = now;
        reload();
      }
      LockSupport.parkNanos(EVERY.toNanos());
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

  /** What can be seen of files without reading them. */
  static String look(List<Path> files) {
    return files.stream().map(Reloading::print).collect(Collectors.joining("\n"));
  }

  private static String print(Path file) {
    try {
      // ctime is the only one that tells of another mode or owner
      Map<String, Object> now =
          Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime");
      return new TreeMap<>(now).toString();
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
