package io.faultd.os.file;

import io.faultd.fault.Aim;
import io.faultd.fault.Claim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.CopyUp;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Identities;
import io.faultd.linux.file.Mount;
import io.faultd.linux.file.PathText;
import io.faultd.linux.file.Place;
import io.faultd.linux.file.Root;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A path that a flag names, resolved and known: what every fault here checks before it touches
 * anything.
 *
 * @param flag the flag, for errors
 * @param place folder and name
 * @param folder who the folder is
 */
record Site(String flag, Place place, FileIdentity folder) implements AutoCloseable {
  /** Upstream's FileNotExist. */
  static final int FILE_NOT_EXIST = 63041;

  /** File systems that show the kernel; in containers they are told by this, not by their paths. */
  private static final Set<String> KERNELS =
      Set.of(
          "proc",
          "sysfs",
          "cgroup",
          "cgroup2",
          "devtmpfs",
          "securityfs",
          "debugfs",
          "tracefs",
          "bpf",
          "nsfs");

  /** Where a path leads; a link at its end is not followed. */
  static Site of(Injection on, String flag, String path) throws IOException {
    return resolve(on, flag, path, Place::of);
  }

  /** Where a path leads; a link at its end is followed. */
  static Site followed(Injection on, String flag, String path) throws IOException {
    return resolve(on, flag, path, Place::followed);
  }

  /** Refuses what is no path. */
  static void check(String flag, String path) {
    Optional<String> problem = PathText.problem(path);
    if (problem.isPresent()) {
      throw FaultException.illegal(flag, problem.get() + ": " + path);
    }
  }

  private static Site resolve(Injection on, String flag, String path, Resolution how)
      throws IOException {
    check(flag, path);
    Root root = on.target().files();
    try {
      Place place = how.resolve(root, path);
      try {
        on.unseen(() -> copyUp(place));
        FileIdentity folder = Identities.of(root, place.folder(), place.folderPath());
        Identities.unfollowed(root, place.folder(), folder)
            .ifPresent(layer ->
                on.warn(
                    "%s: is in a layer that is not followed (%s): when the container ends it is given up, and what is changed in it is still so if the container is started again"
                        .formatted(flag, layer)));
        return new Site(flag, place, folder);
      } catch (IOException e) {
        place.close();
        throw e;
      }
    } catch (LinuxException e) {
      throw refused(flag, path, e);
    } catch (java.nio.charset.CharacterCodingException e) {
      throw FaultException.illegal(flag, "leads through a folder whose name is not UTF-8: " + path);
    }
  }

  private static void copyUp(Place place) throws LinuxException {
    try {
      CopyUp.of(place.folder(), place.folderPath());
    } catch (LinuxException e) {
      if (!e.is(Errno.EROFS, Errno.EPERM, Errno.EACCES)) { // refused later, with its reason
        throw e;
      }
    }
  }

  /** What a failed look at a path means to who gave it. */
  static FaultException refused(String flag, String path, LinuxException e) {
    if (e.is(Errno.ENOENT)) {
      return missing(flag, path);
    }
    if (e.is(Errno.EBUSY)) {
      return new FaultException(
          Reason.FORBIDDEN,
          Reason.FORBIDDEN.code(),
          flag,
          flag + ": is the root of all files: " + path);
    }
    return FaultException.illegal(flag, String.valueOf(e.getMessage()));
  }

  static FaultException missing(String flag, String path) {
    return new FaultException(
        Reason.TARGET_NOT_FOUND, FILE_NOT_EXIST, flag, flag + ": does not exist: " + path);
  }

  static FaultException conflict(String flag, String message) {
    return new FaultException(Reason.CONFLICT, Reason.CONFLICT.code(), flag, flag + ": " + message);
  }

  static FaultException unsupported(String flag, String message) {
    return FaultException.unsupported(flag, message);
  }

  String path() {
    return place.path();
  }

  String name() {
    return place.name();
  }

  Fd descriptor() {
    return place.folder();
  }

  /** What is there; a 404 if there is nothing. */
  Stat stat() throws IOException {
    return place.stat().orElseThrow(() -> missing(flag, path()));
  }

  /** Who something is that was opened here. */
  FileIdentity identity(Fd handle, String path) throws IOException {
    return Identities.of(place.root(), handle, path);
  }

  /** A handle of what is there. */
  Fd open() throws IOException {
    try {
      return place.open();
    } catch (LinuxException e) {
      throw refused(flag, path(), e);
    }
  }

  /**
   * Sees to it that what is there stays the same file when it is changed, where there are layers;
   * after all checks, and before it is asked who it is.
   */
  void settle(Injection on, Fd handle) throws IOException {
    on.unseen(() -> CopyUp.of(handle, path()));
  }

  /** Names what is there for plans and guard rails. */
  void aim(Injection on, Optional<Stat> stat) throws IOException {
    String kind = stat.filter(Stat::isFolder).isPresent() ? "folder" : "file";
    if (place.root().viewer().isEmpty()) {
      on.aim(new Aim(kind, path(), name()));
      return;
    }
    String type = mount().map(Mount::type).orElse("");
    if (KERNELS.contains(type)) {
      throw new FaultException(
          Reason.FORBIDDEN,
          Reason.FORBIDDEN.code(),
          flag,
          "%s: is of the kernel's own files (%s): %s".formatted(flag, type, path()));
    }
    List<FileIdentity> trail = new ArrayList<>(place.ancestors());
    if (stat.isPresent()) {
      try (Fd fd = open()) {
        trail.add(Identities.bare(fd, path()));
      }
    }
    on.aim(new Aim(kind, path(), name(), List.copyOf(trail)));
  }

  /** The mount that it is on. */
  Optional<Mount> mount() throws IOException {
    return Mount.of(place.folder(), place.root().mounts());
  }

  /** Refuses a read-only file system and, if names in it are to change, a folder that is fixed. */
  void writable(boolean names) throws IOException {
    Optional<Mount> mount = mount();
    if (mount.filter(Mount::readOnly).isPresent()) {
      throw unsupported(flag, "%s is mounted read-only: %s".formatted(mount.get().point(), path()));
    }
    if (names) {
      changeable(Stat.of(place.folder(), folder.path()), folder.path());
    }
  }

  /** Refuses what has the attribute immutable or append-only. */
  void changeable(Stat stat, String path) {
    if (stat.isImmutable()) {
      throw unsupported(flag, "has the attribute immutable (chattr +i): " + path);
    }
    if (stat.isAppendOnly()) {
      throw unsupported(flag, "has the attribute append-only (chattr +a): " + path);
    }
  }

  /** Refuses what something is mounted on. */
  void movable(Stat stat) {
    changeable(stat, path());
    if (stat.isMountPoint()) {
      throw unsupported(flag, "is a mount point: " + path());
    }
  }

  /** That nobody takes away a folder on the way to here, nor made one and may take it back. */
  List<Claim> ways() throws IOException {
    List<Claim> claims = new ArrayList<>();
    FileIdentity parent = null;
    for (FileIdentity ancestor : place.ancestors()) {
      claims.add(Claim.tree(ancestor, false));
      if (parent != null) {
        String path = ancestor.path();
        claims.add(shared(Claim.entry(parent, path.substring(path.lastIndexOf('/') + 1))));
      }
      parent = ancestor;
    }
    return claims;
  }

  private static Claim shared(Claim claim) {
    return new Claim(claim.key(), false, claim.name());
  }

  /** The name here, with others who leave it where it is. */
  Claim sharedEntry() {
    return shared(entry());
  }

  /** The name here. */
  Claim entry() {
    return Claim.entry(folder, name());
  }

  @Override
  public void close() {
    place.close();
  }

  /** One of the two ways to resolve. */
  private interface Resolution {
    Place resolve(Root root, String path) throws IOException;
  }
}
