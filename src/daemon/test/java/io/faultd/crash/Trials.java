package io.faultd.crash;

import io.faultd.crash.Kind.Deadline;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Status;
import io.faultd.experiment.Unfinished;
import io.faultd.fault.FaultException;
import io.faultd.linux.Boot;
import io.faultd.testing.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/** All trials of one scenario: each kind of accident at each instant. */
final class Trials {
  private static final String OTHER_BOOT = "00000000-0000-0000-0000-000000000000";
  private static final int WORST = 5;

  /** Of accidents that are no deaths each ninth instant is tried: 1 tries all. */
  static final int STRIDE = Integer.getInteger("faultd.stride", 9);

  /** Of deaths with something else each so many-th. */
  static final int STRIDE_OF_DEATHS = 2;

  private final Scenario scenario;
  private final Path base;
  private final String boot;
  private final Map<String, Integer> cut = new LinkedHashMap<>();
  private final List<String> failures = new ArrayList<>();
  private SortedMap<String, String> onlyEdited = new TreeMap<>();
  private Path data;

  Trials(Scenario scenario, Path base) throws IOException {
    this.boot = Boot.id();
    this.scenario = scenario;
    this.base = base;
    this.data = base.resolve("data");
  }

  /** How many instants were tried, by kind. */
  Map<String, Integer> cut() {
    return cut;
  }

  List<String> failures() {
    return failures;
  }

  void all() throws IOException {
    if (scenario.held()) {
      ends();
      return;
    }
    each(Kind.death("death"));
    each(Kind.death("death in recovery").inRecovery());
    if (several()) {
      each(Kind.death("death, undone in reverse").inReverse());
    }
    for (Scenario.Act edit : scenario.edits()) {
      each(Kind.death("death and edit").meanwhile(edit).changing());
    }
    if (!scenario.wired()) { // whose things do not outlive a boot: they would stay, being nobody's
      each(Kind.death("death and reboot").then(OTHER_BOOT));
    }
    each(Kind.accident("all removed", (w, s) -> w.remove()).changing());
    each(Kind.accident("panic", (w, s) -> panic(s)));
    if (several()) { // one that left and could not be marked so is not to be counted by the other
      each(Kind.accident("store read-only", (w, s) -> CuttingStore.readOnly = true));
    }
    if (scenario.wired() && STRIDE > 1) {
      return; // the rest is the same whatever the fault, and these are slow
    }
    deadlines();
    if (!several()) {
      each(Kind.accident("store read-only", (w, s) -> CuttingStore.readOnly = true));
    }
    each(Kind.accident("store deleted", (w, s) -> deleteStore()));
    full();
  }

  private boolean cpu() {
    return scenario.name().startsWith("cpu");
  }

  /** Who ends it at an instant, and does not die: its worker would live on in this process. */
  private void ends() throws IOException {
    each(Kind.accident("panic", (w, s) -> panic(s)));
    each(Kind.accident("destroy", (w, s) -> destroy(s)));
    each(Kind.accident("deadline", (w, s) -> late()).deadline(Deadline.FAR));
  }

  private void deadlines() throws IOException {
    each(Kind.accident("deadline", (w, s) -> late()).deadline(Deadline.FAR));
    each(
        Kind.death("deadline while dead")
            .meanwhile(world -> late())
            .deadline(Deadline.REACHED_BY_NOBODY));
    if (!scenario.tail()) { // whoever writes that would race with the undo
      each(Kind.death("deadline, then death").deadline(Deadline.REACHED));
      each(Kind.accident("deadline, then panic", (w, s) -> panic(s)).deadline(Deadline.REACHED));
    }
  }

  /** The time of all deadlines has come. */
  static void late() {
    Stand.Clocks.pass(Duration.ofHours(2));
  }

  private boolean several() throws IOException {
    try (World world = World.made(base.resolve("work"), scenario)) {
      return scenario.jobs().on(world).size() > 1;
    }
  }

  private void full() throws IOException {
    Path small = Files.createDirectories(base.resolve("small"));
    Path whole = data;
    try (var mounted = Kernel.tmpfs(small, "size=16m,mode=700")) {
      data = small;
      each(
          Kind.accident("disk full", (w, s) -> fill(small))
              .meanwhile(w -> Files.deleteIfExists(small.resolve("filler"))));
    } finally {
      data = whole;
    }
  }

  private static void fill(Path folder) {
    try (var out = Files.newOutputStream(folder.resolve("filler"))) {
      byte[] block = new byte[4096];
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      // as intended
    }
  }

  private void deleteStore() throws IOException {
    for (String name : List.of("faultd.db", "faultd.db-wal", "faultd.db-shm")) {
      Files.deleteIfExists(data.resolve(name));
    }
  }

  /** Somebody destroys everything, and is heard before the life goes on. */
  private static void panic(Stand stand) {
    asked(() -> stand.engine().destroyAll(Map.of()));
  }

  /** Somebody destroys what is there, and is heard before the life goes on. */
  private static void destroy(Stand stand) {
    for (Unfinished each : stand.store().unfinished().toList()) {
      asked(() -> stand.engine().destroy(each.experiment().uid(), false));
    }
  }

  private static void asked(Runnable what) {
    Thread panic = Thread.ofPlatform().start(what);
    while (panic.isAlive() && panic.getState() != Thread.State.TIMED_WAITING) {
      LockSupport.parkNanos(100_000);
    }
  }

  private void each(Kind kind) throws IOException {
    if (scenario.wired()) { // there is one interface, on which no two worlds can be at once
      onlyEdited = ideal(kind.meanwhile());
    }
    boolean more = true;
    int stride = stride(kind);
    int first = Math.floorMod(kind.name().hashCode() + scenario.name().hashCode(), stride);
    int done = 0;
    boolean passed = false;
    for (int instant = first; more; instant += stride) {
      World world = World.made(base.resolve("work"), scenario);
      String at = "uncut";
      try {
        List<String> seen = new ArrayList<>();
        String wrong;
        try {
          wrong = one(kind, world, instant, seen);
        } finally {
          more = instant < seen.size();
          passed |= !seen.isEmpty();
          at = more ? "instant " + instant + " (" + seen.get(instant) + ")" : at;
        }
        if (more) {
          done++;
        } else if (done == 0 && instant == first && !seen.isEmpty()) {
          more = true; // it has fewer instants than are passed over
          instant = first % seen.size() - stride;
        }
        if (!wrong.isEmpty()) {
          failures.add(kind.name() + ", " + at + ": " + wrong);
        }
      } catch (RuntimeException | IOException e) {
        java.io.StringWriter trace = new java.io.StringWriter();
        e.printStackTrace(new java.io.PrintWriter(trace));
        failures.add(kind.name() + ", " + at + ": " + trace);
        more &= failures.size() < WORST * 10;
      } finally {
        world.close();
      }
    }
    cut.merge(kind.name(), done, Integer::sum);
    if (done == 0 && (passed || !kind.recovery())) { // where nothing is undone nothing recovers
      failures.add(kind.name() + ": no instant was cut");
    }
  }

  private int stride(Kind kind) {
    if (scenario.wired()) {
      return Math.min(STRIDE, scenario.held() ? 5 : 9);
    }
    return scenario.held() ? 1 : kind.stride(); // there are few
  }

  private String one(Kind kind, World world, int instant, List<String> seen) throws IOException {
    SortedMap<String, String> before = world.fingerprint();
    Stand stand = Stand.open(data, boot);
    stand.engine().recover();
    Life life = new Life(scenario, world, stand, kind);
    if (kind.recovery()) {
      left(life, stand);
      stand = Stand.open(data, boot);
      Cuts.arm(instant, accident(kind, world, stand));
      Stand started = stand;
      mortal(() -> Life.aside(started.engine()::recover));
    } else {
      Cuts.arm(instant, accident(kind, world, stand));
      mortal(() -> life.run(true));
    }
    boolean dead = Cuts.dead();
    stand.close();
    if (dead) {
      Cuts.bury();
    }
    CuttingStore.readOnly = false;
    CuttingStore.behindSuccess = null;
    seen.addAll(Cuts.disarm());
    boolean happened = instant < seen.size();
    String wrong = happened ? "" : uneventful(life);
    if (wrong.isEmpty() && happened && kind.name().startsWith("store")) {
      wrong = difference("before the restart", expected(before, life), now(world, life));
    }
    if (happened) {
      kind.meanwhile().on(world);
    }
    return wrong + judged(kind, world, life, before, happened);
  }

  /** In place, and then the daemon dies. */
  private void left(Life life, Stand stand) throws IOException {
    life.run(false);
    Cuts.arm(0, () -> {});
    try {
      Cuts.die();
    } catch (Cuts.Death e) {
      stand.close();
    }
    Cuts.bury();
    Cuts.disarm();
  }

  private static Runnable accident(Kind kind, World world, Stand stand) {
    return () -> {
      try {
        kind.accident().on(world, stand);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  /** Work that may end in death. */
  private interface Work {
    void run() throws IOException;
  }

  private static void mortal(Work work) throws IOException {
    try {
      work.run();
    } catch (Cuts.Death e) {
      // as intended
    }
  }

  private String uneventful(Life life) {
    if (!life.inPlace) {
      return "the scenario itself does not work: " + life.refusals;
    }
    for (Experiment answer : life.answers) {
      if (answer.status() != Status.DESTROYED || !answer.residue().isEmpty()) {
        return "uncut, and not undone: " + answer + " ";
      }
    }
    return "";
  }

  private String judged(
      Kind kind, World world, Life life, SortedMap<String, String> before, boolean happened)
      throws IOException {
    boolean resume = happened && kind.deadline() == Deadline.REACHED_BY_NOBODY;
    Stand again = Stand.open(data, kind.boot(), resume);
    try {
      long last = again.store().lastChange();
      again.engine().recover();
      boolean edited = happened && !kind.exact();
      Verdict verdict = new Verdict(scenario, again, life, world);
      if (edited) {
        SortedMap<String, String> ideal = scenario.wired() ? onlyEdited : ideal(kind, life);
        return verdict.edited(ideal, kind.name().equals("all removed"));
      }
      String wrong =
          verdict.over(data)
              + (resume ? verdict.anew(last) : "")
              + (cpu() ? verdict.workless() : "");
      boolean otherBoot = happened && kind.boot().equals(OTHER_BOOT);
      if (otherBoot && scenario.name().equals("process stop")) {
        return wrong; // as its process is of another boot, it is nobody's
      }
      return wrong + difference("in the end", expected(before, life), now(world, life));
    } catch (FaultException e) {
      return "refused: " + e.getMessage();
    } finally {
      again.close();
    }
  }

  private SortedMap<String, String> expected(SortedMap<String, String> before, Life life)
      throws IOException {
    return life.edited ? ideal(Scenario.write("f")) : before;
  }

  private static SortedMap<String, String> now(World world, Life life) throws IOException {
    return life.edited ? world.contents() : world.fingerprint();
  }

  private SortedMap<String, String> ideal(Kind kind, Life life) throws IOException {
    return ideal(world -> {
      if (life.edited) {
        Scenario.write("f").on(world);
      }
      kind.meanwhile().on(world);
    });
  }

  /** What there would be if nothing but the edit had ever happened. */
  private SortedMap<String, String> ideal(Scenario.Act edit) throws IOException {
    try (World world = World.made(base.resolve("ideal"), scenario)) {
      edit.on(world);
      return world.contents();
    }
  }

  static String difference(
      String when, SortedMap<String, String> wanted, SortedMap<String, String> found) {
    if (wanted.equals(found)) {
      return "";
    }
    StringBuilder text = new StringBuilder(when).append(" differs:");
    wanted.forEach((name, value) -> {
      if (!value.equals(found.get(name))) {
        text.append("\n    ").append(name).append(" was ").append(value);
        text.append("\n    ").append(name).append(" is  ").append(found.get(name));
      }
    });
    found.forEach((name, value) -> {
      if (!wanted.containsKey(name)) {
        text.append("\n    ").append(name).append(" is new: ").append(value);
      }
    });
    return text.append('\n').toString();
  }

  static String unfinished(Stand stand) {
    List<Unfinished> left = stand.store().unfinished().toList();
    return left.isEmpty() ? "" : "unfinished: " + left + " ";
  }
}
