package io.faultd.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The native library of sqlite-jdbc, unpacked by us: left to itself, the driver executes {@code
 * uname -o} from the PATH to find out which one it needs.
 */
final class SqliteLibrary {
  private static final String NAME = "libsqlitejdbc.so";

  private SqliteLibrary() {}

  /**
   * Unpacks it into an empty folder and tells the driver; on a machine that the driver does not
   * know, that is left to the driver.
   */
  static void unpack(Path folder) throws IOException {
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
