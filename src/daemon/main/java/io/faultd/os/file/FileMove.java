package io.faultd.os.file;

import io.faultd.fault.Claim;
import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Undo;
import io.faultd.linux.Fd;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Moves a file or folder to another folder; a link is moved itself. */
public final class FileMove implements Fault<FileMove.Params> {
  /**
   * What is asked.
   *
   * @param filepath what to move
   * @param target the folder to move it to
   * @param force whether a file of that name there gives way
   * @param autoCreateDir whether {@code target} is made if it is missing
   */
  public record Params(String filepath, String target, boolean force, boolean autoCreateDir) {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    try (Site from = Site.of(on, "filepath", params.filepath());
        Fd handle = from.open();
        Way way =
            Way.of(on, "target", params.target() + "/" + from.name(), params.autoCreateDir())) {
      Stat stat = Stat.of(handle, from.path());
      from.writable(true);
      from.movable(stat);
      Site to = way.top();
      to.writable(true);
      boolean copied = otherFileSystem(from, to);
      Optional<Stat> there = way.below().isEmpty() ? to.place().stat() : Optional.empty();
      check(params, from, to, stat, there);
      if (copied && !stat.isRegular()) {
        throw Site.unsupported(
            "target", "is on another file system, where only regular files can be moved to");
      }
      from.aim(on, Optional.of(stat));
      to.aim(on, there);
      from.settle(on, handle);
      FileIdentity file = from.identity(handle, from.path());
      claim(on, from, to, stat.isFolder() ? file : null);
      Moved moved = new Moved(from, file, handle, stat, copied);
      if (way.below().isEmpty()) {
        move(on, moved, to, there.isPresent());
      } else {
        List<String> below = way.below().subList(0, way.below().size() - 1);
        Making.folders(on, to, below, null);
        try (Site made = Site.of(on, "target", params.target() + "/" + from.name())) {
          move(on, moved, made, false);
        }
      }
    }
  }

  private static boolean otherFileSystem(Site from, Site to) throws IOException {
    return !from.mount().equals(to.mount());
  }

  private static void check(Params params, Site from, Site to, Stat stat, Optional<Stat> there)
      throws IOException {
    if (from.folder().same(to.folder()) && from.name().equals(to.name())) {
      throw Site.conflict("target", "is the folder that it is in already: " + from.path());
    }
    for (FileIdentity ancestor : to.place().ancestors()) {
      if (ancestor.device() == stat.device() && ancestor.inode() == stat.inode()) {
        throw FaultException.illegal("target", "is inside what is to be moved: " + to.path());
      }
    }
    if (there.isEmpty()) {
      return;
    }
    if (!params.force()) {
      throw Site.conflict("target", "has this name already (force replaces it): " + to.path());
    }
    if (there.get().isFolder()) {
      throw Site.conflict("target", "has a folder of this name, never replaced: " + to.path());
    }
    to.movable(there.get());
  }

  private static void claim(Injection on, Site from, Site to, @Nullable FileIdentity folder)
      throws IOException {
    List<Claim> claims = from.ways();
    claims.addAll(to.ways());
    claims.add(from.entry());
    claims.add(to.entry());
    if (folder != null) {
      claims.add(Claim.tree(folder, true));
    }
    on.claim(claims.stream().distinct().toList());
  }

  private static void move(Injection on, Moved moved, Site to, boolean replace) throws IOException {
    Site from = moved.from();
    List<Undo> steps = new ArrayList<>();
    Hiding replaced = null;
    if (replace) {
      try (Fd old = to.open()) {
        to.settle(on, old);
        replaced = Hiding.of(on, to, to.identity(old, to.path()));
        steps.addAll(replaced.steps());
      }
    }
    Hiding original = Hiding.of(on, from, moved.file());
    if (moved.copied()) {
      steps.addAll(original.steps());
    } else {
      steps.add(
          new Undo.FileRenamed(moved.file(), from.folder(), from.name(), to.folder(), to.name()));
    }
    on.undo(steps);
    if (replaced != null) {
      replaced.hide();
    }
    if (moved.copied()) {
      Making.file(on, to, new Copy(on, moved.handle(), moved.stat(), from.path()));
      original.hide();
    } else {
      Hiding.rename(moved.file(), from, to.descriptor(), to.name());
    }
    if (to.place().stat().isEmpty()
        || from.place().stat().filter(moved.stat()::sameInode).isPresent()) {
      throw new IOException(from.path() + ": is not where it was moved to");
    }
  }

  /**
   * What is moved.
   *
   * @param from where it is
   * @param file who it is
   * @param handle an O_PATH descriptor
   * @param stat what it is
   * @param copied whether it goes to another file system
   */
  private record Moved(Site from, FileIdentity file, Fd handle, Stat stat, boolean copied) {}
}
