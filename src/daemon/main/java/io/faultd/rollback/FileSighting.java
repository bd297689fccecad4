package io.faultd.rollback;

import static io.faultd.rollback.Located.find;
import static io.faultd.rollback.Located.lives;

import io.faultd.fault.Undo;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Identities;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Search;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** Looks whether what was done to files is still in place. */
final class FileSighting {
  /** How far before their place bytes are looked for: as much as others may have taken out. */
  private static final int NEAR = 1 << 20;

  private FileSighting() {}

  static Sighting mode(Undo.FileMode step) throws IOException {
    Optional<Fd> file = find(step.file());
    if (file.isEmpty()) {
      return Sighting.TARGET_GONE;
    }
    try (Fd handle = file.get()) {
      return Stat.of(handle, step.file().path()).permissions() == step.after()
          ? Sighting.PRESENT
          : Sighting.CHANGED;
    }
  }

  static Sighting renamed(Undo.FileRenamed step) throws IOException {
    return named(step.newFolder(), step.newName(), step.file());
  }

  static Sighting made(Undo.FileMade step) throws IOException {
    return named(step.folder(), step.name(), step.file());
  }

  static Sighting folder(Undo.FolderMade step) throws IOException {
    return named(step.folder(), step.name(), step.made());
  }

  private static Sighting named(FileIdentity folder, String name, FileIdentity file)
      throws IOException {
    Optional<Fd> place = find(folder);
    if (place.isPresent()) {
      try (Fd handle = place.get()) {
        if (Identities.is(handle, name, file)) {
          return Sighting.PRESENT;
        }
      }
    }
    return lives(file) ? Sighting.CHANGED : Sighting.TARGET_GONE;
  }

  /** Whether the bytes are near the end of the file already. */
  static boolean endsWith(Undo.BytesAppended step) throws IOException {
    Optional<Fd> file = find(step.file());
    if (file.isEmpty()) {
      return false;
    }
    String path = step.file().path();
    try (Fd handle = file.get();
        Fd reading = Open.reading(handle, path)) {
      byte[] bytes = Base64.getDecoder().decode(step.bytes());
      long size = Stat.of(handle, path).size();
      long from = Math.max(0, size - step.length() - NEAR);
      if (bytes.length == 0) {
        return false;
      }
      return new Search(bytes).first(reading, from, size, place -> true, path).isPresent();
    }
  }

  static Sighting appended(Undo.BytesAppended step) throws IOException {
    Optional<Fd> file = find(step.file());
    if (file.isEmpty()) {
      return Sighting.TARGET_GONE;
    }
    try (Fd handle = file.get()) {
      String path = step.file().path();
      Stat now = Stat.of(handle, path);
      if (step.modified() == null || step.modified() == now.modified()) {
        return Sighting.PRESENT;
      }
      byte[] ours = Base64.getDecoder().decode(step.bytes());
      long place = step.place();
      long from = Math.max(0, place - NEAR);
      try (Fd reading = Open.reading(handle, path)) {
        boolean there =
            Arrays.equals(Contents.read(reading, place, ours.length, path), ours)
                || new Search(ours)
                    .first(reading, from, place + ours.length, at -> true, path)
                    .isPresent();
        return there ? Sighting.PRESENT : Sighting.CHANGED;
      } catch (LinuxException e) {
        if (e.is(Errno.EAGAIN)) { // somebody has it for itself for a moment, maybe our own undo
          return Sighting.PRESENT;
        }
        throw e;
      }
    }
  }
}
