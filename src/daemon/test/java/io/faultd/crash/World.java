package io.faultd.crash;

import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Kernel;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a trial's faults work on: files, folders and processes of the test's own.
 *
 * @param work holds all files
 * @param bystanders processes that must be as they were
 * @param doomed processes that are killed for good
 * @param wiring ends of a cable
 */
record World(
    Path work,
    List<Integer> bystanders,
    List<Integer> doomed,
    List<Wiring> wiring,
    List<Victim> started,
    List<Kernel.Mounted> mounted)
    implements AutoCloseable {
  /** Is there when a scenario needs another file system: a tmpfs. */
  static final String OTHER = "other";

  /** What is deleted for good is in here. */
  static final String DOOMED = "doomed";

  /** Makes a world anew, for a scenario. */
  static World made(Path work, Scenario scenario) throws IOException {
    Files.createDirectories(work);
    clear(work);
    if (scenario.layered()) {
      return layered(work, scenario);
    }
    World world = empty(work);
    scenario.preparation().on(world);
    return world;
  }

  private static World empty(Path work) {
    return new World(
        work,
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>());
  }

  private static World layered(Path work, Scenario scenario) throws IOException {
    World world = empty(work);
    Path layers = Files.createDirectories(work.resolveSibling(work.getFileName() + "-layers"));
    world.mounted.add(Kernel.tmpfs(layers, "size=8m,mode=755"));
    Path lower = Files.createDirectories(layers.resolve("lower"));
    scenario.preparation().on(empty(lower));
    Path upper = Files.createDirectories(layers.resolve("upper"));
    Path between = Files.createDirectories(layers.resolve("between"));
    world.mounted.add(Kernel.overlay(work, lower, upper, between));
    return world;
  }

  /** The same world, as another process sees it. */
  static World seen(Path work, List<Integer> bystanders, List<Integer> doomed) {
    return new World(work, bystanders, doomed, List.of(), List.of(), List.of());
  }

  /** A process that is not to be killed for good. */
  void bystander() {
    bystanders.add(sleeping());
  }

  /** A process that is to be killed for good. */
  void doomed(int howMany) {
    for (int i = 0; i < howMany; i++) {
      doomed.add(sleeping());
    }
  }

  /**
   * An end of a cable with queues on it; the cable is there.
   *
   * @param far whether the far end
   * @param queues commands that make them
   */
  void wired(boolean far, String queues) throws IOException {
    Wiring end = far ? Wiring.far(work.getParent()) : Wiring.near();
    end.queues(queues);
    wiring.add(end);
  }

  /** By what the far end of the cable is known as a container. */
  String far() {
    try {
      return Integer.toString(Wiring.process(work.getParent()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int sleeping() {
    Victim victim = Victim.started("sleep", "1000");
    started.add(victim);
    return victim.pid();
  }

  Path path(String name) {
    return work.resolve(name);
  }

  /** Makes a file with its name in it, and all folders on the way. */
  Path file(String name) throws IOException {
    Path path = path(name);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "original " + name + "\n");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
    return path;
  }

  /** All that must be as it was. */
  SortedMap<String, String> fingerprint() throws IOException {
    SortedMap<String, String> all = Fingerprint.of(work);
    all.keySet().removeIf(name -> name.startsWith("/" + DOOMED));
    bystanders.forEach(pid -> all.put("process " + bystanders.indexOf(pid), state(pid)));
    wiring.forEach(end -> all.put(end.link(), end.state()));
    return all;
  }

  /** The same without what a file that is written anew has not: inode and times. */
  SortedMap<String, String> contents() throws IOException {
    SortedMap<String, String> all = new TreeMap<>();
    try (var paths = Files.walk(work)) {
      for (Path path : paths.toList()) {
        String text;
        if (Files.isSymbolicLink(path)) {
          text = "link " + Files.readSymbolicLink(path);
        } else {
          text = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
          if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            text += " " + Files.readString(path, StandardCharsets.ISO_8859_1);
          }
        }
        all.put(work.relativize(path).toString(), text);
      }
    }
    all.keySet().removeIf(name -> name.startsWith(DOOMED));
    bystanders.forEach(pid -> all.put("process " + bystanders.indexOf(pid), state(pid)));
    wiring.forEach(end -> all.put(end.link(), end.state()));
    return all;
  }

  private static String state(int pid) {
    return Procfs.HOST
        .stat(pid)
        .map(Stat::state)
        .filter(state -> state != 'Z' && state != 'X')
        .map(state -> state == 'T' ? "stopped" : "runs")
        .orElse("gone");
  }

  /** Takes away everything, as somebody else would. */
  void remove() throws IOException {
    clear(work);
    started.forEach(Victim::close);
    wiring.forEach(end -> end.queues(""));
  }

  private static void clear(Path work) throws IOException {
    Files.walkFileTree(
        work,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path folder, @org.jspecify.annotations.Nullable IOException e) throws IOException {
            if (!folder.equals(work) && !folder.equals(work.resolve(OTHER))) {
              Files.deleteIfExists(folder);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void close() throws IOException {
    started.forEach(Victim::close);
    wiring.forEach(end -> end.queues(""));
    for (Kernel.Mounted each : mounted.reversed()) {
      each.close();
    }
    clear(work);
  }
}
