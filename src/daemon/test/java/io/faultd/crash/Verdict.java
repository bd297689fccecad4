package io.faultd.crash;

import io.faultd.experiment.Change;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Status;
import io.faultd.linux.Mark;
import io.faultd.linux.proc.Procfs;
import io.faultd.worker.WorkerMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What is left of a life after the daemon was started again.
 *
 * @param stand the daemon that was started again
 */
record Verdict(Scenario scenario, Stand stand, Life life, World world) {

  private static final long RETRY_NANOS = 8_000_000_000L;

  /** All has ended without anybody's help, and can be destroyed once more; empty if so. */
  String over(Path data) throws IOException {
    long deadline = System.nanoTime() + RETRY_NANOS;
    // on disk first, then to be seen
    while ((!Trials.unfinished(stand).isEmpty() || stand.engine().active() > 0)
        && System.nanoTime() < deadline) {
      java.util.concurrent.locks.LockSupport.parkNanos(10_000_000); // it is tried again after 1 s
    }
    StringBuilder wrong = new StringBuilder(Trials.unfinished(stand));
    for (String uid : life.uids) {
      Optional<Experiment> record = stand.record(uid);
      if (record.isEmpty()) {
        continue; // ended before it was written, or the store was lost
      }
      if (record.get().status().active() && !over(record.get())) {
        wrong.append(record.get()).append(' ');
      }
      if (!record.get().residue().isEmpty()) {
        wrong.append("residue ").append(record.get().residue()).append(' ');
      }
      Experiment destroyed = stand.engine().destroy(uid, false).experiment();
      if (destroyed.status() != Status.DESTROYED) {
        wrong.append("is not destroyed: ").append(destroyed).append(' ');
      }
    }
    try (var notes = Files.list(data.resolve("scratch"))) {
      notes.forEach(note -> wrong.append("left: ").append(note).append(' '));
    }
    return wrong.toString();
  }

  /** Nothing was injected anew, as the time of all was over; empty if so. */
  String anew(long lastChange) {
    long seen = lastChange;
    List<Change> changes = stand.store().changes(null, seen, 100);
    while (!changes.isEmpty()) {
      if (changes.stream().anyMatch(each -> each.experiment().status() == Status.CREATED)) {
        return "injected anew behind its deadline ";
      }
      seen = changes.getLast().seq();
      changes = stand.store().changes(null, seen, 100);
    }
    return "";
  }

  /** No worker is left; empty if so. */
  String workless() throws IOException {
    String instance = "--instance=" + stand.store().instance();
    long deadline = System.nanoTime() + RETRY_NANOS;
    List<Integer> left = workers(instance);
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
      left = workers(instance);
    }
    return left.isEmpty() ? "" : "workers are left: " + left + " ";
  }

  /** Workers that carry an argument. */
  static List<Integer> workers(String instance) throws IOException {
    List<Integer> found = new ArrayList<>();
    for (int pid : Procfs.HOST.pids()) {
      List<String> arguments = Procfs.HOST.arguments(pid);
      if (arguments.contains(WorkerMain.class.getName()) && arguments.contains(instance)) {
        found.add(pid);
      }
    }
    return found;
  }

  /** What has nothing to undo stays a success. */
  private static boolean over(Experiment record) {
    return record.undo().equals("none") && record.status() == Status.SUCCESS;
  }

  /**
   * Somebody else's edit is kept: and all is as if nothing but it had happened, or it is said.
   *
   * @param ideal as if nothing but the edit had happened
   * @param removed whether the edit took everything away
   */
  String edited(SortedMap<String, String> ideal, boolean removed) throws IOException {
    StringBuilder wrong = new StringBuilder();
    if (!removed) {
      wrong.append(unsaid("not reported,", ideal)).append(kept(ideal, world.contents()));
    }
    wrong.append(force());
    SortedMap<String, String> wanted = new TreeMap<>(ideal);
    if (removed) { // what is not there any more was taken away; but nothing may be new
      wanted = new TreeMap<>(world.contents());
      wanted.keySet().retainAll(ideal.keySet());
    }
    wrong.append(unsaid("given up and not reported,", wanted));
    if (!removed) {
      wrong.append(kept(ideal, world.contents()));
    }
    world.contents().keySet().stream()
        .filter(name -> Mark.of(Path.of(name).getFileName().toString()).isPresent())
        .forEach(name -> wrong.append("left: ").append(name).append(' '));
    return wrong + Trials.unfinished(stand);
  }

  /**
   * What differs, and of which no record tells now: neither of it nor of a folder that it is in.
   */
  private String unsaid(String when, SortedMap<String, String> ideal) throws IOException {
    SortedMap<String, String> wanted = new TreeMap<>(ideal);
    SortedMap<String, String> found = world.contents();
    List<String> said = said();
    Set<String> names = new TreeSet<>(wanted.keySet());
    names.addAll(found.keySet());
    for (String name : names) {
      if (followed(name) || told(said, name)) {
        wanted.remove(name);
        found.remove(name);
      }
    }
    return Trials.difference(when, wanted, found);
  }

  /** What is written into a file that was renamed goes back with it, and is no conflict. */
  private boolean followed(String name) {
    return scenario.moved().stream()
        .anyMatch(moved -> moved.equals(name) || moved.startsWith(name + "/"));
  }

  private boolean told(List<String> said, String name) {
    for (Path path = Path.of(name); path != null; path = path.getParent()) {
      Pattern named =
          Pattern.compile(
              Pattern.quote(world.path(path.toString()).toString()) + "(?!/|\\w|[.-]\\w)");
      if (said.stream().anyMatch(text -> named.matcher(text).find())) {
        return true;
      }
    }
    return false;
  }

  private List<String> said() {
    List<String> said = new ArrayList<>();
    for (String uid : life.uids) {
      stand
          .record(uid)
          .ifPresent(record -> {
            said.addAll(record.warnings());
            record.residue().forEach(each -> said.add(each.step() + ": " + each.error()));
          });
    }
    return said;
  }

  private String force() {
    StringBuilder wrong = new StringBuilder();
    for (String uid : life.uids) {
      if (stand.record(uid).isPresent()) {
        Experiment record = stand.engine().destroy(uid, true).experiment();
        if (record.status() != Status.DESTROYED) {
          wrong.append("is not given up: ").append(record).append(' ');
        }
      }
    }
    return wrong.toString();
  }

  /**
   * Neither what somebody else wrote nor what was there before is lost. A copy on another file
   * system that somebody else changed stays beside the original that came back.
   */
  private static String kept(Map<String, String> ideal, Map<String, String> found) {
    StringBuilder wrong = new StringBuilder();
    for (String each : new String[] {Scenario.TOKEN, "original"}) {
      long copies = each.equals("original") ? Long.MAX_VALUE : count(each, ideal);
      if (count(each, found) < count(each, ideal) || count(each, found) > copies) {
        wrong.append("'%s' is there %d times: %s ".formatted(each, count(each, found), found));
      }
    }
    return wrong.toString();
  }

  private static long count(String text, Map<String, String> contents) {
    return contents.values().stream().mapToLong(value -> value.split(text, -1).length - 1L).sum();
  }
}
