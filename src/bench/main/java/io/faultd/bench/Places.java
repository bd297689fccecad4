package io.faultd.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Folders for measurements, on the disk that {@code -Dbench.dir} names. */
final class Places {
  private Places() {}

  static Path make(String name) throws IOException {
    Path parent = Path.of(System.getProperty("bench.dir", "target/bench"));
    Files.createDirectories(parent);
    return Files.createTempDirectory(parent.toAbsolutePath(), name);
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(Places::remove);
    }
  }

  private static void remove(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
