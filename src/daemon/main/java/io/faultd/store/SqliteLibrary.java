package io.faultd.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.sqlite.SQLiteJDBCLoader;

/**
 * The native library of sqlite-jdbc, unpacked by us: left to itself, the driver executes {@code
 * uname -o} from the PATH to find out which one it needs.
 */
final class SqliteLibrary {
  private static final String NAME = "libsqlitejdbc.so";

  /** Whether this process has it: for good, whatever becomes of its file. */
  private static boolean loaded;

  private SqliteLibrary() {}

  /**
   * Unpacks it into an empty folder and has the driver load it, once in a process; on a machine
   * that the driver does not know, the unpacking is left to the driver.
   */
  static synchronized void load(Path folder) throws IOException {
    if (!loaded) {
      unpack(folder);
      try {
        loaded = SQLiteJDBCLoader.initialize();
      } catch (Exception e) {
        throw new IOException("cannot load SQLite: " + e.getMessage(), e);
      }
    }
  }

  private static void unpack(Path folder) throws IOException {
    System.setProperty("org.sqlite.tmpdir", folder.toString());
    String resource = "/org/sqlite/native/" + system() + "/" + architecture() + "/" + NAME;
    try (InputStream library = SqliteLibrary.class.getResourceAsStream(resource)) {
      if (library != null) {
        Files.copy(library, folder.resolve(NAME));
        System.setProperty("org.sqlite.lib.path", folder.toString());
        System.setProperty("org.sqlite.lib.name", NAME);
      }
    }
  }

  private static String system() throws IOException {
    try (Stream<String> mapped = Files.lines(Path.of("/proc/self/maps"))) {
      return mapped.anyMatch(line -> line.contains("/ld-musl-")) ? "Linux-Musl" : "Linux";
    }
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("amd64") ? "x86_64" : name;
  }
}
