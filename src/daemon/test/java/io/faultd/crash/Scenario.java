package io.faultd.crash;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One or two experiments on a world.
 *
 * @param name of the fault, for the table
 * @param preparation makes the world
 * @param jobs what is ordered
 * @param edits where somebody else writes while the daemon is dead, or what else is done then
 * @param tail whether somebody else appends to {@code f} while the fault is in place
 */
record Scenario(String name, Act preparation, Jobs jobs, List<Act> edits, boolean tail) {
  /** What somebody else writes. */
  static final String TOKEN = "foreign edit\n";

  /** What the faults write. */
  static final String OURS = "ours";

  private static final String FILE = "f";

  /** Whether its files are at first those of the lower layer of an overlay. */
  boolean layered() {
    return name.contains("overlay");
  }

  /** Whether it is about packets, and needs a cable. */
  boolean wired() {
    return name.startsWith("network");
  }

  /** Whether it is about what a container has. */
  boolean contained() {
    return name.contains("container");
  }

  /**
   * Whether it is in place only as long as the process that holds it: one that has died in part
   * would still hold it, so death needs a process of its own.
   */
  boolean held() {
    return name.startsWith("cpu") || wired() && NetworkScenarios.held(this);
  }

  /** Where a file that is renamed is, before and behind that. */
  List<String> moved() {
    if (!name.startsWith("file move") || name.contains("other fs")) {
      return List.of();
    }
    return name.contains("auto-create-dir") ? List.of(FILE, "new/deep/f") : List.of(FILE, "to/f");
  }

  /** Something done to a world. */
  @FunctionalInterface
  interface Act {
    void on(World world) throws IOException;
  }

  /** The orders on a world. */
  @FunctionalInterface
  interface Jobs {
    List<Job> on(World world);
  }

  /**
   * An order.
   *
   * @param flags of the action
   */
  record Job(String target, String action, Map<String, String> flags) {}

  /** One of all. */
  static Scenario named(String name) {
    // of the network there are those that the kernel has, and it takes time to ask it
    return (name.startsWith("network") ? NetworkScenarios.all() : wireless())
        .stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  /** Those that need no cable; the one for processor load last. */
  static List<Scenario> wireless() {
    return List.of(
        new Scenario(
            "process stop",
            World::bystander,
            w -> List.of(new Job("process", "stop", pid(w.bystanders().getFirst()))),
            List.of(w -> send(w.bystanders().getFirst(), "CONT"), World::remove),
            false),
        new Scenario(
            "process kill",
            w -> {
              w.bystander();
              w.doomed(2);
            },
            w ->
                List.of(
                    new Job(
                        "process",
                        "kill",
                        Map.of("pid", w.doomed().get(0) + "," + w.doomed().get(1)))),
            List.of(World::remove),
            false),
        files("file add", w -> {}, w -> List.of(add(w, FILE, Map.of("content", OURS))), FILE),
        files("file add (folder)", w -> {}, w -> List.of(add(w, "d", directory())), "d/x"),
        files(
            "file add (auto-create-dir)",
            w -> {},
            w -> List.of(add(w, "a/b/" + FILE, Map.of("content", OURS, "auto-create-dir", "true"))),
            "a/b/" + FILE,
            "a/x"),
        files("file append", w -> w.file(FILE), w -> List.of(append(w, OURS)), FILE),
        files(
            "file append (two members)",
            w -> w.file(FILE),
            w -> List.of(append(w, OURS), append(w, "theirs")),
            FILE),
        new Scenario(
            "file append (foreign tail)",
            w -> w.file(FILE),
            w -> List.of(append(w, OURS)),
            List.of(write(FILE)),
            true),
        files("file chmod", w -> w.file(FILE), w -> List.of(chmod(w)), FILE),
        files(
            "file chmod and append",
            w -> w.file(FILE),
            w -> List.of(chmod(w), append(w, OURS)),
            FILE),
        files("file delete", w -> w.file(FILE), w -> List.of(delete(w, FILE)), FILE),
        files(
            "file delete (folder)",
            w -> {
              w.file("d/one");
              w.file("d/e/two");
            },
            w -> List.of(delete(w, "d")),
            "d/x",
            "d/e/two"),
        files("file move", Scenario::folders, w -> List.of(move(w, "to")), FILE, "to/f"),
        files(
            "file move (force)",
            w -> {
              folders(w);
              w.file("to/f");
            },
            w -> List.of(move(w, "to")),
            FILE,
            "to/f"),
        files(
            "file move (other fs)",
            Scenario::folders,
            w -> List.of(move(w, World.OTHER)),
            FILE,
            "other/f"),
        files(
            "file move (other fs, force)",
            w -> {
              folders(w);
              w.file("other/f");
            },
            w -> List.of(move(w, World.OTHER)),
            FILE,
            "other/f"),
        files(
            "file move (auto-create-dir)",
            w -> w.file(FILE),
            w -> List.of(move(w, "new/deep", Map.of("auto-create-dir", "true"))),
            FILE,
            "new/deep/f",
            "new/x"),
        files(
            "file delete (for good)",
            w -> {
              w.file(FILE);
              w.file(World.DOOMED + "/d/one");
            },
            w -> List.of(file("delete", w, World.DOOMED + "/d", Map.of("force", "true"))),
            FILE),
        files(
            "file chmod and append (overlay)",
            w -> w.file(FILE),
            w -> List.of(chmod(w), append(w, OURS)),
            FILE),
        files("file delete (overlay)", w -> w.file("d/f"), w -> List.of(delete(w, "d/f")), "d/f"),
        files(
            "file add (auto-create-dir, overlay)",
            w -> w.file("d/e"),
            w -> List.of(add(w, "d/a/b/f", Map.of("content", OURS, "auto-create-dir", "true"))),
            "d/a/b/f"),
        new Scenario(
            "cpu fullload",
            w -> {},
            w -> List.of(new Job("cpu", "fullload", Map.of("cpu-percent", "5", "cpu-list", "0"))),
            List.of(),
            false));
  }

  private static Scenario files(String name, Act preparation, Jobs jobs, String... written) {
    List<Act> edits = java.util.Arrays.stream(written).map(Scenario::write).toList();
    return new Scenario(name, preparation, jobs, edits, false);
  }

  private static void folders(World world) throws IOException {
    world.file(FILE);
    Files.createDirectories(world.path("to"));
    Files.createDirectories(world.path(World.OTHER));
  }

  /** Somebody else writes to a name, whatever is there. */
  static Act write(String name) {
    return world -> {
      Path path = world.path(name);
      Files.createDirectories(path.getParent());
      Files.writeString(path, TOKEN, CREATE, APPEND);
    };
  }

  private static void send(int pid, String signal) throws IOException {
    try {
      new ProcessBuilder("kill", "-" + signal, Integer.toString(pid)).start().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Map<String, String> pid(int pid) {
    return Map.of("pid", Integer.toString(pid));
  }

  private static Map<String, String> directory() {
    return Map.of("directory", "true");
  }

  private static Job add(World world, String name, Map<String, String> more) {
    return file("add", world, name, more);
  }

  private static Job append(World world, String what) {
    return file("append", world, FILE, Map.of("content", what));
  }

  private static Job chmod(World world) {
    return file("chmod", world, FILE, Map.of("mark", "0400"));
  }

  private static Job delete(World world, String name) {
    return file("delete", world, name, Map.of());
  }

  private static Job move(World world, String folder) {
    return move(world, folder, Map.of("force", "true"));
  }

  private static Job move(World world, String folder, Map<String, String> more) {
    Map<String, String> flags = new java.util.TreeMap<>(more);
    flags.put("target", world.path(folder).toString());
    return file("move", world, FILE, flags);
  }

  private static Job file(String action, World world, String name, Map<String, String> more) {
    Map<String, String> flags = new java.util.TreeMap<>(more);
    flags.put("filepath", world.path(name).toString());
    return new Job("file", action, flags);
  }

  @Override
  public String toString() {
    return name;
  }
}
