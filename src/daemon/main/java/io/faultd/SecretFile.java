package io.faultd;

import io.faultd.linux.file.Private;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** A file that says who is let in. */
final class SecretFile {
  private static final System.Logger LOG = System.getLogger(SecretFile.class.getName());

  private SecretFile() {}

  /**
   * Looks whether it can be read, and changed by nobody else; one that others can read is worth a
   * warning and no more, for Kubernetes mounts secrets so.
   *
   * @param key the setting that names it
   * @throws StartException if not
   */
  static void check(Setting key, Path file) {
    trusted(key, file);
    warn(key.key(), file);
  }

  /** Tells if everybody can read it. */
  static void warn(String name, Path file) {
    try {
      if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0}: {1} can be read by every user of this node",
            name,
            file);
      }
    } catch (IOException e) {
      throw new StartException(name + ": cannot read " + file, e);
    }
  }

  /** The same of one that is no secret. */
  static void trusted(Setting key, Path file) {
    trusted(key.key(), file);
  }

  /**
   * Looks whether a folder, and what is in it, can be changed by nobody else; a folder on a
   * read-only mount cannot, whatever its mode says.
   *
   * @param folder absent, or not there: nothing to look at
   */
  static void trustedFolder(Setting key, @Nullable Path folder) {
    if (folder == null || !Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> inside = Files.walk(folder)) {
      for (Path each : inside.toList()) {
        refuse(key.key(), each, Private.flawWhereWritable(each));
      }
    } catch (IOException e) {
      throw new StartException(key.key() + ": cannot read " + folder, e);
    }
  }

  private static void unflawed(String name, Path file) throws IOException {
    refuse(name, file, Private.flaw(file));
  }

  private static void refuse(String name, Path file, Optional<String> flaw) {
    if (flaw.isPresent()) {
      throw new StartException(
          "%s: %s %s; it must be one that only root can change".formatted(name, file, flaw.get()));
    }
  }

  /** The same of one that no setting names. */
  static void trusted(String name, Path file) {
    try {
      if (!Files.isReadable(file) || Files.isDirectory(file)) {
        throw new StartException(name + ": cannot read " + file);
      }
      unflawed(name, file);
    } catch (IOException e) {
      throw new StartException(name + ": cannot read " + file, e);
    }
  }

  /** Where a file is no YAML: what the library says of it has its lines, and so its secrets. */
  static String flaw(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
        Mark mark = marked.getProblemMark();
        return ": it is no YAML in line %d, column %d"
            .formatted(mark.getLine() + 1, mark.getColumn() + 1);
      }
    }
    return ": it is no YAML, or not there";
  }
}
