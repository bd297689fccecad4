package io.faultd.cri;

import io.faultd.cri.Endpoints.Found;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.linux.Errno;
import io.faultd.linux.LinuxException;
import io.faultd.linux.ns.GroupPaths;
import io.faultd.linux.ns.Interior;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.grpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds containers through the runtimes of this node. Thread-safe. */
public final class ContainerFinder {
  /** Its code in the catalogue if it is not there. */
  static final int BY_ID = 47010;

  private static final int BY_NAME = 47011;
  private static final int BY_OTHERS = 56002;
  private static final int MOST_SHOWN = 10;

  private static final long GLANCE_NANOS = 5_000_000_000L;

  /** For how long a runtime may not have seen that a process ended; a shim has to tell it. */
  private static final long NOTICE_NANOS = 1_000_000_000L;

  private static final long PAUSE_NANOS = 100_000_000L;

  private final Procfs procfs = Procfs.HOST;
  private final Endpoints endpoints;
  private volatile @Nullable Glance glance;

  /**
   * A finder.
   *
   * @param sockets of runtimes; empty: where runtimes have theirs
   */
  public ContainerFinder(List<String> sockets) {
    this.endpoints = new Endpoints(List.copyOf(sockets));
  }

  /**
   * Finds the one that is meant, and takes hold of what it has around it.
   *
   * @throws FaultException TARGET_NOT_FOUND if there is none that runs; ILLEGAL_PARAMETER if there
   *     are several; UNSUPPORTED if no runtime answers
   */
  public Target.Container find(Selector wanted) throws IOException {
    Asked asked = ask(endpoints.sockets(wanted), Endpoints.namespace(wanted), wanted.runtime());
    if (!asked.failures().isEmpty()
        && asked.found().stream().noneMatch(each -> meant(wanted, each))) {
      throw Endpoints.unsupported(String.join("; ", asked.failures()));
    }
    Found one = one(wanted, asked.found());
    return place(one, pid(one));
  }

  /** Why none can be found; empty if a runtime listens. What was seen holds for some seconds. */
  public Optional<String> missing() {
    Glance last = glance;
    if (last == null || System.nanoTime() - last.at() > GLANCE_NANOS) {
      last = new Glance(endpoints.missing(), System.nanoTime());
      glance = last;
    }
    return last.missing();
  }

  /**
   * What was seen of runtimes.
   *
   * @param missing why there is none
   * @param at when
   */
  private record Glance(Optional<String> missing, long at) {}

  private static int pid(Found found) throws IOException {
    try (Runtime runtime = found.runtime()) {
      return runtime
          .pid(found.container().id())
          .orElseThrow(() -> ended(found.container())); // since it was listed
    } catch (Connection.RefusedException e) {
      if (e.code() == Status.Code.NOT_FOUND) {
        throw ended(found.container());
      }
      throw Endpoints.unsupported(found.socket() + ": " + e.getMessage());
    }
  }

  private static FaultException ended(Listed container) {
    return new FaultException(Reason.TARGET_NOT_FOUND, BY_ID, null, container + " ended just now");
  }

  private static boolean meant(Selector wanted, Found found) {
    return wanted.fits(found.container()) && found.container().runs();
  }

  /** All at once, for each may take as long as it may take. */
  private static Asked ask(
      List<String> sockets, @Nullable String namespace, @Nullable String runtime) {
    List<Future<List<Found>>> answers = new ArrayList<>();
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("faultd-asking").factory())) {
      for (String socket : sockets) {
        answers.add(threads.submit(() -> Endpoints.containers(socket, namespace, runtime)));
      }
    }
    Asked asked = new Asked(new ArrayList<>(), new ArrayList<>());
    for (Future<List<Found>> answer : answers) {
      if (answer.state() == Future.State.SUCCESS) {
        asked.found().addAll(answer.resultNow());
      } else {
        asked.failures().add(String.valueOf(answer.exceptionNow().getMessage()));
      }
    }
    return asked;
  }

  /**
   * What runtimes said.
   *
   * @param found their containers
   * @param failures of those that cannot be asked
   */
  private record Asked(List<Found> found, List<String> failures) {}

  private static Found one(Selector wanted, List<Found> all) throws IOException {
    List<Found> fit = all.stream().filter(each -> wanted.fits(each.container())).toList();
    List<Found> running = fit.stream().filter(each -> each.container().runs()).toList();
    if (running.isEmpty()) {
      throw none(wanted, fit, all);
    }
    List<Found> exact =
        running.stream().filter(each -> each.container().id().equals(wanted.id())).toList();
    List<Found> meant = distinct(exact.isEmpty() ? running : exact);
    if (meant.size() > 1) {
      throw new FaultException(
          Reason.ILLEGAL_PARAMETER,
          Reason.ILLEGAL_PARAMETER.code(),
          wanted.flag(),
          "%s: several containers fit %s: %s".formatted(wanted.flag(), wanted, shown(meant)));
    }
    return meant.getFirst();
  }

  /** Each once, though several runtimes, or one at several sockets, tell of it. */
  private static List<Found> distinct(List<Found> found) throws IOException {
    List<Found> distinct = new ArrayList<>();
    for (List<Found> alike :
        found.stream().collect(Collectors.groupingBy(each -> each.container().id())).values()) {
      if (alike.size() == 1) {
        distinct.addAll(alike);
        continue;
      }
      Map<Integer, Found> byPid = new HashMap<>();
      // what Kubernetes runs is removed the way that it knows of
      for (Found each : alike.stream().sorted(Comparator.comparing(Found::restarts)).toList()) {
        byPid.putIfAbsent(pid(each), each);
      }
      distinct.addAll(byPid.values());
    }
    return distinct;
  }

  private static FaultException none(Selector wanted, List<Found> fit, List<Found> all) {
    int code = wanted.id() != null ? BY_ID : wanted.name() != null ? BY_NAME : BY_OTHERS;
    String message;
    if (fit.isEmpty()) {
      List<Found> running = all.stream().filter(each -> each.container().runs()).toList();
      message =
          running.isEmpty()
              ? "no container runs here"
              : "no container fits %s; there are %s".formatted(wanted, shown(running));
    } else {
      message =
          "%s: %s".formatted(fit.getFirst().container(), fit.getFirst().container().state())
              + (fit.size() > 1 ? ", and %d more that do not run".formatted(fit.size() - 1) : "");
    }
    return new FaultException(
        Reason.TARGET_NOT_FOUND, code, wanted.flag(), wanted.flag() + ": " + message);
  }

  private static String shown(List<Found> found) {
    long ids = found.stream().map(each -> each.container().id()).distinct().count();
    String some =
        found.stream()
            .map(each -> each.container() + (ids < found.size() ? where(each) : ""))
            .sorted()
            .limit(MOST_SHOWN)
            .collect(Collectors.joining(", "));
    return found.size() > MOST_SHOWN
        ? some + " and %d more".formatted(found.size() - MOST_SHOWN)
        : some;
  }

  private static String where(Found found) {
    return " of %s at %s".formatted(found.container().runtime(), found.socket());
  }

  private Target.Container place(Found found, int pid) throws IOException {
    Listed container = found.container();
    Optional<ProcessIdentity> init = procfs.identity(pid);
    if (init.isEmpty()) {
      throw absent(found, pid, "there is no process " + pid + " here");
    }
    Interior inside;
    try {
      inside = Interior.of(init.get(), procfs, found.restarts());
    } catch (LinuxException e) {
      if (e.is(Errno.ESRCH, Errno.ENOENT)) {
        throw ended(container);
      }
      if (e.is(Errno.ENOSYS)) {
        throw Endpoints.unsupported("kernel has no openat2, which came with 5.6");
      }
      throw e;
    }
    boolean member = false;
    try {
      member = member(container, inside);
      if (!member) {
        throw absent(found, pid, "process " + pid + " here is in no control group of it");
      }
    } finally {
      if (!member) {
        inside.close();
      }
    }
    return new Target.Container(container.id(), container.name(), inside, () -> remove(found));
  }

  /** Whether it is one of the container's; one that ends is told to be at the top of all trees. */
  private static boolean member(Listed container, Interior inside) throws IOException {
    try {
      if (GroupPaths.of(inside.process().pid()).values().stream()
          .anyMatch(path -> GroupPaths.container(path, container.id()).isPresent())) {
        return true;
      }
    } catch (IOException e) {
      if (!inside.ended()) {
        throw e;
      }
    }
    if (inside.ended()) {
      throw ended(container);
    }
    return false;
  }

  /**
   * A process that is not there, or is another's, has just ended, unless its runtime goes on saying
   * that it runs: then the runtime is in another pid namespace, and sees other processes under its
   * pids.
   */
  private static FaultException absent(Found found, int pid, String why) throws IOException {
    long end = System.nanoTime() + NOTICE_NANOS;
    while (System.nanoTime() - end < 0) {
      if (pid(found) != pid) {
        return ended(found.container());
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return Endpoints.unsupported(
        "the daemon does not see the processes of the node (hostPID): %s runs, as its runtime says,"
                .formatted(found.container())
            + " but "
            + why);
  }

  private static void remove(Found found) throws IOException {
    try (Runtime runtime = found.runtime()) {
      runtime.remove(found.container().id());
    }
  }

  /** All containers of this node that run; what fails hides nothing else. */
  public Running running() {
    List<String> present = endpoints.present();
    Asked asked = ask(present, null, null);
    List<String> failures = new ArrayList<>(asked.failures());
    endpoints
        .absent(present)
        .forEach(each -> failures.add("no container runtime listens at " + each));
    return new Running(
        asked.found().stream()
            .map(Found::container)
            .filter(Listed::runs)
            .sorted(Comparator.comparing(Listed::id))
            .toList(),
        failures);
  }

  /**
   * Containers that run.
   *
   * @param containers by id
   * @param failures of runtimes that could not be asked: which, and why
   */
  public record Running(List<Listed> containers, List<String> failures) {}
}
