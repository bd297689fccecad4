package io.faultd.linux.cgroup;

import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Stops and continues all processes of a control group at once: {@code freezer.state} of version 1,
 * {@code cgroup.freeze} of version 2 (cgroups(7)).
 *
 * @param folder of the group
 * @param unified whether it is of version 2
 */
public record Freezer(Path folder, boolean unified) {
  private static final String STATE = "freezer.state";
  private static final String FREEZE = "cgroup.freeze";

  /**
   * That of a group.
   *
   * @param paths by the controller freezer, or the empty name of version 2
   * @return empty if none is mounted here
   */
  public static Optional<Freezer> of(Paths paths, Procfs procfs) throws IOException {
    for (String controller : new String[] {"freezer", ""}) {
      Optional<String> path = paths.group(controller);
      if (path.isPresent()) {
        Optional<Freezer> found =
            Group.of(controller, path.get(), procfs)
                .map(group -> new Freezer(group.folder(), controller.isEmpty()))
                .filter(freezer -> Files.exists(freezer.knob()));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Whether what is in a group stands still, or is about to: that group, or one above it, of either
   * version.
   *
   * @param paths as for {@link #of}
   */
  public static boolean holds(Paths paths, Procfs procfs) throws IOException {
    for (String controller : new String[] {"freezer", ""}) {
      Optional<String> path = paths.group(controller);
      Optional<Group> group =
          path.isEmpty() ? Optional.empty() : Group.of(controller, path.get(), procfs);
      if (group.isPresent() && holds(group.get(), controller.isEmpty())) {
        return true;
      }
    }
    return false;
  }

  private static boolean holds(Group group, boolean unified) throws IOException {
    Path top = group.tree().mount();
    try {
      for (Path each = group.folder();
          each != null && each.startsWith(top);
          each = each.getParent()) {
        Freezer freezer = new Freezer(each, unified);
        // what is above the top of a tree that is mounted in part shows in the state alone
        if (Files.exists(freezer.knob()) && (freezer.told() || freezer.frozen())) {
          return true;
        }
      }
    } catch (NoSuchFileException gone) {
      return false; // with all that was in it
    }
    return false;
  }

  /** All groups of this node that are told to be frozen, themselves and not with one above. */
  public static List<Freezer> frozen(Procfs procfs) throws IOException {
    List<Freezer> frozen = new ArrayList<>();
    for (String controller : new String[] {"freezer", ""}) {
      for (Hierarchy tree : Hierarchy.mounts(controller, procfs)) {
        try (Stream<Path> all = Files.walk(tree.mount())) {
          for (Path folder : all.filter(Files::isDirectory).toList()) {
            Freezer each = new Freezer(folder, controller.isEmpty());
            if (Files.exists(each.knob()) && each.told()) {
              frozen.add(each);
            }
          }
        } catch (UncheckedIOException | NoSuchFileException gone) {
          continue; // groups come and go
        }
      }
    }
    return frozen;
  }

  /** Whether its tree is mounted so that it can be told anything. */
  public boolean writable() {
    return Files.isWritable(knob());
  }

  private Path knob() {
    return folder.resolve(unified ? FREEZE : STATE);
  }

  /** Device and inode of the group's folder; empty if it is gone. */
  public Optional<String> key() throws IOException {
    try {
      var seen = Files.readAttributes(folder, "unix:dev,ino");
      return Optional.of(seen.get("dev") + ":" + seen.get("ino"));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Whether it is told to be frozen, itself and not with one above it. */
  public boolean told() throws IOException {
    String file = unified ? FREEZE : "freezer.self_freezing";
    return Files.readString(folder.resolve(file)).strip().equals("1");
  }

  /** Whether all its processes stand still. */
  public boolean frozen() throws IOException {
    return unified
        ? Files.readAllLines(folder.resolve("cgroup.events")).contains("frozen 1")
        : Files.readString(folder.resolve(STATE)).strip().equals("FROZEN");
  }

  /** Tells it to freeze, or to go on. */
  public void tell(boolean freeze) throws IOException {
    String word = unified ? freeze ? "1" : "0" : freeze ? "FROZEN" : "THAWED";
    Files.writeString(knob(), word, StandardOpenOption.WRITE);
  }

  /** Where something is in the trees of control groups. */
  @FunctionalInterface
  public interface Paths {
    /** Its path in the tree of a controller. */
    Optional<String> group(String controller);
  }
}
