package io.faultd;

import io.faultd.linux.file.Private;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;

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
    try {
      if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0}: {1} can be read by every user of this node",
            key.key(),
            file);
      }
    } catch (IOException e) {
      throw new StartException(key.key() + ": cannot read " + file, e);
    }
  }

  /** The same of one that is no secret. */
  static void trusted(Setting key, Path file) {
    try {
      if (!Files.isReadable(file) || Files.isDirectory(file)) {
        throw new StartException(key.key() + ": cannot read " + file);
      }
      Optional<String> flaw = Private.flaw(file);
      if (flaw.isPresent()) {
        throw new StartException(
            "%s: %s %s; it must be one that only root can change"
                .formatted(key.key(), file, flaw.get()));
      }
    } catch (IOException e) {
      throw new StartException(key.key() + ": cannot read " + file, e);
    }
  }
}
