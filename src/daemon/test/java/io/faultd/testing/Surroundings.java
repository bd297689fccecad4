package io.faultd.testing;

import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All that faults in containers could leave outside of them: mounts, control groups, namespaces and
 * processes of this test and of its containerd, and what {@code nft} and {@code tc} print in both
 * networks and in those of pods.
 */
public final class Surroundings {
  private static final List<String> NAMESPACES =
      List.of("cgroup", "ipc", "mnt", "net", "pid", "user", "uts");

  private Surroundings() {}

  /**
   * What there is now.
   *
   * @param except ids of containers that come and go; nothing of them is meant
   * @param networks processes, the networks of which are looked at too
   */
  public static SortedMap<String, String> of(
      Containerd containerd, List<String> except, List<Integer> networks) throws Exception {
    SortedMap<String, String> seen = new TreeMap<>();
    for (long pid : new long[] {ProcessHandle.current().pid(), containerd.pid()}) {
      seen.put("mounts of " + pid, mounts(pid, except));
    }
    seen.put("control groups", groups(containerd, except));
    seen.put("processes", processes(containerd, except));
    List<Long> all = new ArrayList<>(List.of(ProcessHandle.current().pid(), containerd.pid()));
    networks.forEach(pid -> all.add((long) pid));
    for (long pid : all) {
      seen.put("network at " + pid, network(pid));
    }
    return seen;
  }

  /** What differs, line by line; empty if nothing does. */
  public static String difference(
      SortedMap<String, String> before, SortedMap<String, String> after) {
    StringBuilder text = new StringBuilder();
    before.forEach((what, seen) -> {
      List<String> was = seen.lines().toList();
      List<String> is = after.getOrDefault(what, "").lines().toList();
      was.stream().filter(each -> !is.contains(each)).forEach(each -> add(text, what, "-", each));
      is.stream().filter(each -> !was.contains(each)).forEach(each -> add(text, what, "+", each));
    });
    return text.toString();
  }

  private static void add(StringBuilder text, String what, String sign, String line) {
    text.append('\n').append(what).append(": ").append(sign).append(line);
  }

  private static String mounts(long pid, List<String> except) throws IOException {
    return lines(Files.readAllLines(Path.of("/proc/" + pid + "/mountinfo")), except, " ", 4);
  }

  private static String lines(
      List<String> lines, List<String> except, String separator, int field) {
    return lines.stream()
        .filter(line -> except.stream().noneMatch(line::contains))
        // its root file system is named by a number, not by its id
        .filter(line -> !line.contains(" - overlay "))
        .map(line -> line.split(separator, -1)[field])
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  private static String groups(Containerd containerd, List<String> except) throws IOException {
    List<String> found = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      Path top = Path.of(line.split(" ", 6)[4] + containerd.group());
      if (line.contains(" - cgroup") && Files.isDirectory(top)) {
        groups(top, except, found);
      }
    }
    return found.stream().sorted().collect(Collectors.joining("\n"));
  }

  private static void groups(Path folder, List<String> except, List<String> found)
      throws IOException {
    if (except.stream().anyMatch(folder.toString()::contains)) {
      return;
    }
    found.add(folder.toString());
    try (Stream<Path> below = Files.list(folder)) {
      for (Path each : below.filter(Files::isDirectory).toList()) {
        groups(each, except, found);
      }
    } catch (NoSuchFileException gone) {
      found.remove(folder.toString());
    }
  }

  /** Of this test, of containerd and of its containers, with their namespaces. */
  private static String processes(Containerd containerd, List<String> except) throws IOException {
    TreeSet<String> found = new TreeSet<>();
    long self = ProcessHandle.current().pid();
    for (int pid : Procfs.HOST.pids()) {
      String group = text(pid, "cgroup");
      List<String> arguments = Procfs.HOST.arguments(pid);
      boolean ours =
          group.contains(containerd.group())
              || String.join(" ", arguments).contains(containerd.folder().toString())
              || ProcessHandle.of(pid)
                  .flatMap(ProcessHandle::parent)
                  .filter(p -> p.pid() == self)
                  .isPresent();
      boolean meant = pid != self && ours && except.stream().noneMatch(group::contains);
      meant &= !passing(pid, arguments);
      if (meant && Procfs.HOST.stat(pid).filter(stat -> !stat.ended()).isPresent()) {
        found.add(pid + " " + arguments + " " + namespaces(pid));
      }
    }
    return String.join("\n", found);
  }

  /** Those that count, in containers, start another process for each number. */
  private static boolean passing(int pid, List<String> arguments) {
    boolean first = Procfs.HOST.status(pid, "NSpid").orElse("").endsWith("\t1");
    return !first && (arguments.isEmpty() || String.join(" ", arguments).contains("sleep 0."));
  }

  private static String namespaces(int pid) {
    return NAMESPACES.stream()
        .map(each -> {
          try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/" + each)).toString();
          } catch (IOException gone) {
            return "";
          }
        })
        .collect(Collectors.joining(" "));
  }

  private static String text(int pid, String name) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/" + name));
    } catch (IOException gone) {
      return "";
    }
  }

  /** What the usual tools print of it. */
  private static String network(long pid) throws Exception {
    Process tool =
        new ProcessBuilder(
                "nsenter",
                "--net=/proc/" + pid + "/ns/net",
                "sh",
                "-c",
                "nft list ruleset; tc qdisc show; tc class show; tc filter show; ip -o link"
                    // it takes a moment until a cable is seen to be up
                    + " | sed 's/NO-CARRIER,//; s/state [A-Z]*//'")
            .redirectErrorStream(true)
            .start();
    String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    tool.waitFor();
    return output;
  }
}
