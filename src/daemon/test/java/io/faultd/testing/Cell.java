package io.faultd.testing;

import io.faultd.fault.Target;
import io.faultd.linux.ns.Interior;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A process in control groups of its own, which share out processor time: what a container is to a
 * load, without a runtime. Whoever runs in there goes before whoever does not.
 */
public final class Cell implements AutoCloseable {
  private static final Path MOUNT = Path.of("/sys/fs/cgroup");
  private static final boolean UNIFIED = Files.exists(MOUNT.resolve("cgroup.controllers"));
  private static final int PERIOD = 100_000;

  private final String name = "faultd-cell-" + Victim.tag();
  private final Set<Path> folders = new LinkedHashSet<>();
  private final Victim first;

  /** Starts it, on all processors and without a limit. */
  public Cell() throws Exception {
    if (UNIFIED) {
      // as runtimes do
      Files.writeString(MOUNT.resolve("cgroup.subtree_control"), "+cpu +cpuset");
    }
    for (String controller : List.of("cpu", "cpuacct", "cpuset")) {
      Files.createDirectories(folder(controller));
      folders.add(folder(controller).toRealPath());
    }
    for (String file : UNIFIED ? List.<String>of() : List.of("cpuset.cpus", "cpuset.mems")) {
      String all = Files.readString(folder("cpuset").getParent().resolve(file));
      Files.writeString(folder("cpuset").resolve(file), all);
    }
    set("cpu", UNIFIED ? "cpu.weight" : "cpu.shares", UNIFIED ? "10000" : "262144");
    first = Victim.sleeping(Victim.tag());
    for (Path folder : folders) {
      Files.writeString(folder.resolve("cgroup.procs"), Integer.toString(first.pid()));
    }
  }

  private Path folder(String controller) {
    return (UNIFIED ? MOUNT : MOUNT.resolve(controller)).resolve(name);
  }

  private void set(String controller, String file, String text) throws IOException {
    Files.writeString(folder(controller).resolve(file), text);
  }

  /** It as a place to work on. */
  public Target place() throws IOException {
    return new Target.Container(name, name, Interior.of(first.identity(), Procfs.HOST), () -> {});
  }

  /** Lets it use so much of a processor's time in all. */
  public void quota(double processors) throws IOException {
    long micros = Math.round(processors * PERIOD);
    if (UNIFIED) {
      set("cpu", "cpu.max", micros + " " + PERIOD);
    } else {
      set("cpu", "cpu.cfs_quota_us", Long.toString(micros));
    }
  }

  /** Lets it run on these only, as in 0-3,7. */
  public void processors(String list) throws IOException {
    set("cpuset", "cpuset.cpus", list);
  }

  /** Nanoseconds of processor time that it used. */
  public long used() throws IOException {
    return UNIFIED
        ? number("usage_usec") * 1000
        : Long.parseLong(Files.readString(folder("cpuacct").resolve("cpuacct.usage")).strip());
  }

  /** Periods in which it wanted more than its quota. */
  public long throttled() throws IOException {
    return number("nr_throttled");
  }

  private long number(String name) throws IOException {
    return Files.readAllLines(folder("cpu").resolve("cpu.stat")).stream()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() throws Exception {
    first.close();
    for (Path folder : folders) {
      Eventually.eventually("removed: " + folder, () -> folder.toFile().delete());
    }
  }
}
