package io.faultd.cri;

import io.faultd.crash.Cuts;
import io.faultd.crash.CuttingStore;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Order;
import io.faultd.experiment.Query;
import io.faultd.experiment.Status;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.tc.Lacks;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Pod;
import io.faultd.testing.Surroundings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Each instant of one action in a container, in a process of its own (see {@link
 * io.faultd.crash.CuttingProvider}); something happens there.
 *
 * <pre>
 *   killed CONTAINERD IMAGE FOLDER ACTION,... STRIDE   the container ends
 *   died CONTAINERD IMAGE FOLDER ACTION,... STRIDE     the daemon's part of this process does
 *   halt CONTAINERD CONTAINER FOLDER ACTION INSTANT    this process does
 * </pre>
 */
final class Instants {
  private static final int HALTED = 137;
  private static final int UNCUT = 1_000_000;
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Containerd containerd;
  private final String image;
  private final Path folder;
  private final Harm harm;
  private int cut;

  private Instants(Containerd containerd, String image, Path folder, Harm harm) {
    this.containerd = containerd;
    this.image = image;
    this.folder = folder;
    this.harm = harm;
  }

  /** See above; tells what is wrong, and how many instants were cut. */
  public static void main(String[] args) throws Exception {
    Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
      if (!(e instanceof Cuts.Death)) {
        System.out.println("FAIL\t" + e);
        e.printStackTrace(System.out);
        java.lang.Runtime.getRuntime().halt(1);
      }
    });
    // found out once, by trying it: of a life that comes first it would be a part, and of no other
    var unused = Lacks.shaping();
    Containerd containerd = Containerd.named(args[1]);
    int number = Integer.parseInt(args[5]);
    for (String action : args[4].split(",", -1)) {
      Harm harm =
          Harm.all().stream().filter(it -> it.toString().equals(action)).findFirst().orElseThrow();
      Path folder = Path.of(args[3]);
      if (args[0].equals("halt")) {
        Instants instants = new Instants(containerd, args[2], folder, harm);
        instants.halt(number);
        System.out.println("CUT\t" + action + "\t" + instants.cut);
      } else {
        Path own = folder.resolve(args[0] + action.replaceAll("[ ()]", "-"));
        Instants instants = new Instants(containerd, args[2], own, harm);
        try (Pod pod = containerd.pod(args[0] + "-" + COUNT.incrementAndGet(), false)) {
          Container living = Harm.fresh(pod, "living", Harm.Kind.BOX, args[2]);
          if (args[0].equals("killed")) {
            instants.eachKilled(pod, living, number);
          } else {
            instants.eachDied(pod, living, number);
          }
        }
        System.out.println("CUT\t" + action + "\t" + instants.cut);
      }
    }
    java.lang.Runtime.getRuntime().halt(0); // threads of those who died wait for ever
  }

  /** Those to try of what a whole life saw: at least one before its success, and one behind. */
  private List<Integer> chosen(List<String> seen, int stride) {
    // what is finished when it is made has nothing behind it
    int success = seen.contains("after succeed") ? seen.indexOf("after succeed") : seen.size();
    List<Integer> chosen = new ArrayList<>();
    for (int[] phase : new int[][] {{0, success}, {success, seen.size()}}) {
      int length = Math.max(1, phase[1] - phase[0]);
      int first = Math.floorMod(harm.toString().hashCode(), Math.min(stride, length));
      for (int instant = phase[0] + first; instant < phase[1]; instant += stride) {
        chosen.add(instant);
      }
    }
    return chosen;
  }

  private void eachKilled(Pod pod, Container living, int stride) throws Exception {
    for (int instant : chosen(killed(pod, living, UNCUT), stride)) {
      killed(pod, living, instant);
    }
  }

  private List<String> killed(Pod pod, Container living, int instant) throws Exception {
    Container dying = Harm.fresh(pod, "dying-" + COUNT.incrementAndGet(), harm.in(), image);
    SortedMap<String, String> before = surroundings(dying, living);
    List<String> seen = killed(dying, instant);
    differs(before, dying, living, instant);
    if (!harm.action().equals("container remove")) { // which may have been done
      dying.stop();
      dying.remove();
    }
    return seen;
  }

  /** The instants that it came to. */
  private List<String> killed(Container dying, int instant) throws Exception {
    List<String> seen;
    try (Rig rig =
        new Rig(containerd, folder.resolve("data-" + instant), false, CuttingStore::new)) {
      Cuts.arm(instant, () -> end(dying));
      String uid = life(rig, dying);
      seen = Cuts.disarm();
      String at = instant < seen.size() ? instant + " (" + seen.get(instant) + ")" : "none";
      Eventually.eventually("it ends", () -> over(rig, uid));
      Experiment record = rig.get(uid);
      check(at, record.residue().isEmpty(), "residue " + record.residue());
      if (record.status() == Status.ERROR) {
        boolean told =
            record.error().startsWith("target-gone: ")
                || record.failure() == Reason.TARGET_NOT_FOUND;
        check(at, told, record.failure() + ": " + record.error());
      }
      Experiment destroyed = rig.engine.destroy(uid, false).experiment();
      check(at, destroyed.status() == Status.DESTROYED, destroyed.toString());
    }
    cut += instant < seen.size() ? 1 : 0;
    return seen;
  }

  private static void end(Container dying) {
    try {
      dying.kill();
      long end = System.nanoTime() + 2_000_000_000L;
      while (!Harm.ended(dying) && System.nanoTime() < end) {
        LockSupport.parkNanos(1_000_000);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean over(Rig rig, String uid) {
    Status status = rig.get(uid).status();
    return status == Status.ERROR
        || status == Status.DESTROYED
        || status == Status.SUCCESS && harm.once();
  }

  private void eachDied(Pod pod, Container living, int stride) throws Exception {
    Container same = Harm.fresh(pod, "same", harm.in(), image);
    for (int instant : chosen(died(pod, same, living, UNCUT), stride)) {
      died(pod, same, living, instant);
    }
  }

  private List<String> died(Pod pod, Container same, Container living, int instant)
      throws Exception {
    Container one = harm.once() ? Harm.fresh(pod, "one-" + instant, harm.in(), image) : same;
    SortedMap<String, String> files = files(one);
    SortedMap<String, String> before = surroundings(one, living);
    List<String> seen = died(one, instant);
    if (!harm.once()) {
      Eventually.eventually("as before", () -> !harm.done().of(one));
      check(instant + "", files.equals(files(one)), files + " is now " + files(one));
    }
    differs(before, one, living, instant);
    return seen;
  }

  /** The instants that it came to. */
  private List<String> died(Container one, int instant) throws Exception {
    Path data = folder.resolve("data-" + instant);
    Rig rig = new Rig(containerd, data, false, CuttingStore::new);
    Cuts.arm(instant, Cuts::die);
    Thread life = Thread.ofPlatform().name("faultd-life").daemon().start(() -> life(rig, one));
    while (life.isAlive() && !Cuts.dead()) {
      LockSupport.parkNanos(100_000);
    }
    boolean dead = Cuts.dead();
    if (dead) {
      rig.die();
      Cuts.bury();
    } else {
      rig.close();
    }
    List<String> seen = Cuts.disarm();
    recovered(containerd, data, harm);
    cut += dead ? 1 : 0;
    return seen;
  }

  /** A daemon is started on what another left, and all ends without anybody's help. */
  static void recovered(Containerd containerd, Path data, Harm harm) throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      Query all = new Query(null, null, null, null, null, Map.of(), 0, 100, false);
      Eventually.eventually("nothing is unfinished", () -> rig.unfinished().isEmpty());
      for (Experiment each : rig.engine.list(all).toList()) {
        Eventually.eventually(
            "it is over", () -> harm.once() || rig.get(each.uid()).status() != Status.SUCCESS);
        rig.destroy(each.uid());
      }
    }
  }

  /** Orders and destroys; its uid. */
  private String life(Rig rig, Container container) {
    String uid = "instant-" + COUNT.incrementAndGet() + "-" + ProcessHandle.current().pid();
    Map<String, String> flags = new HashMap<>(harm.flags());
    flags.put("container-id", container.id());
    String action = harm.action().split(" ", -1)[1];
    Order order = new Order(uid, "cri", harm.target(), action, flags, "", Map.of());
    try {
      rig.engine.create(order, new Experiments.Waiting(null, () -> false, null));
      rig.engine.destroy(uid, false);
    } catch (FaultException e) {
      if (rig.engine.get(uid).isEmpty()) {
        throw e;
      }
    }
    return uid;
  }

  private void halt(int instant) throws Exception {
    Container container = new Container(containerd, image, "one", 0);
    Rig rig = new Rig(containerd, folder, false, CuttingStore::new);
    Cuts.arm(instant, () -> java.lang.Runtime.getRuntime().halt(HALTED));
    String uid = life(rig, container);
    if (rig.get(uid).status() != Status.DESTROYED) {
      System.out.println("FAIL\t" + rig.get(uid));
    }
    rig.close();
    cut = Cuts.disarm().size();
  }

  private static SortedMap<String, String> files(Container container) throws Exception {
    Path files = container.file(Harm.FOLDER);
    if (!Files.exists(files)) {
      return new TreeMap<>();
    }
    SortedMap<String, String> seen = Fingerprint.of(files);
    // when it was read last: it is the test that reads them
    seen.replaceAll((name, all) -> all.replaceFirst("times \\d+ ", "times "));
    return seen;
  }

  private SortedMap<String, String> surroundings(Container except, Container living)
      throws Exception {
    return Surroundings.of(containerd, List.of(except.id()), List.of(living.pid()));
  }

  private void differs(
      SortedMap<String, String> before, Container except, Container living, int instant)
      throws Exception {
    long end = System.nanoTime() + 6_000_000_000L;
    String difference;
    do {
      difference = Surroundings.difference(before, surroundings(except, living));
    } while (!difference.isEmpty() && System.nanoTime() < end);
    check("" + instant, difference.isEmpty(), difference);
  }

  private void check(String at, boolean good, String what) {
    if (!good) {
      System.out.println("FAIL\t" + harm + " at instant " + at + ": " + what.replace('\n', ' '));
    }
  }
}
