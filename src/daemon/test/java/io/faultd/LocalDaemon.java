package io.faultd;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** Daemons in this JVM, on ports that are free. */
final class LocalDaemon {
  private LocalDaemon() {}

  /**
   * A whole one.
   *
   * @param folder of the test's, where it keeps its things
   * @param more settings by key
   */
  static Daemon whole(Path folder, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.put("data.dir", folder.resolve("data").toString());
    all.put("data.ephemeral", "true");
    all.put("node.lock", folder.resolve("lock").toString());
    Settings settings = settings(all);
    return started(new Daemon(settings, new Parts(settings, Groundwork.begin())));
  }

  /**
   * One of which only the sockets are real.
   *
   * @param more settings by key
   */
  static Daemon quiet(QuietParts parts, Map<String, String> more) {
    return started(new Daemon(settings(more), parts));
  }

  private static Settings settings(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.put("server.http.port", "0");
    all.put("server.grpc.port", "0");
    return new SettingsReader(Map.of(), new Properties()).read(all, null);
  }

  private static Daemon started(Daemon daemon) {
    daemon.start();
    return daemon;
  }
}
