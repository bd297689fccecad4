package io.faultd.cri;

import io.faultd.cri.Endpoints.Found;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.linux.Errno;
import io.faultd.linux.LinuxException;
import io.faultd.linux.ns.Interior;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds containers through the runtimes of this node. Thread-safe. */
public final class ContainerFinder {
  private static final int BY_ID = 47010;
  private static final int BY_NAME = 47011;
  private static final int BY_OTHERS = 56002;
  private static final int MOST_SHOWN = 10;

  private final Procfs procfs = Procfs.HOST;
  private final Endpoints endpoints;

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
    List<Found> all = new ArrayList<>();
    for (String socket : endpoints.sockets(wanted)) {
      all.addAll(Endpoints.containers(socket, Endpoints.namespace(wanted)));
    }
    Found one = one(wanted, all);
    try (Runtime runtime = one.runtime()) {
      return place(one, runtime.pid(one.container().id()));
    }
  }

  private static Found one(Selector wanted, List<Found> all) {
    List<Found> fit = all.stream().filter(each -> wanted.fits(each.container())).toList();
    List<Found> running = fit.stream().filter(each -> each.container().runs()).toList();
    Optional<Found> exact =
        running.stream().filter(each -> each.container().id().equals(wanted.id())).findFirst();
    if (exact.isPresent()) {
      return exact.get();
    }
    if (running.isEmpty()) {
      throw none(wanted, fit, all);
    }
    if (running.size() > 1) {
      throw new FaultException(
          Reason.ILLEGAL_PARAMETER,
          Reason.ILLEGAL_PARAMETER.code(),
          wanted.flag(),
          "%s: several containers fit %s: %s".formatted(wanted.flag(), wanted, shown(running)));
    }
    return running.getFirst();
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
    String some =
        found.stream()
            .map(each -> each.container().toString())
            .sorted()
            .limit(MOST_SHOWN)
            .collect(Collectors.joining(", "));
    return found.size() > MOST_SHOWN
        ? some + " and %d more".formatted(found.size() - MOST_SHOWN)
        : some;
  }

  private Target.Container place(Found found, int pid) throws IOException {
    Listed container = found.container();
    ProcessIdentity init =
        procfs
            .identity(pid)
            .orElseThrow(() -> unseen(container, "there is no process " + pid + " here"));
    try {
      Interior inside = Interior.of(init, procfs);
      if (!Files.readString(procfs.root().resolve(pid + "/cgroup")).contains(container.id())) {
        inside.close();
        throw unseen(container, "process " + pid + " here is in no control group of it");
      }
      return new Target.Container(container.id(), container.name(), inside, () -> remove(found));
    } catch (LinuxException e) {
      if (e.is(Errno.ESRCH, Errno.ENOENT)) {
        throw new FaultException(
            Reason.TARGET_NOT_FOUND, BY_ID, null, container + " ended just now");
      }
      if (e.is(Errno.ENOSYS)) {
        throw Endpoints.unsupported("kernel has no openat2, which came with 5.6");
      }
      throw e;
    }
  }

  /** Who is in another pid namespace than the runtime sees other processes under its pids. */
  private static FaultException unseen(Listed container, String why) {
    return Endpoints.unsupported(
        "the daemon does not see the processes of the node (hostPID): %s runs, as its runtime says,"
                .formatted(container)
            + " but "
            + why);
  }

  private static void remove(Found found) throws IOException {
    try (Runtime runtime = found.runtime()) {
      runtime.remove(found.container().id());
    }
  }

  /** All containers of this node that run, by id; none without a runtime. */
  public List<Listed> running() throws IOException {
    Selector any = new Selector(null, null, List.of(), null, null, null, null, null);
    List<Listed> running = new ArrayList<>();
    try {
      for (String socket : endpoints.sockets(any)) {
        for (Found found : Endpoints.containers(socket, null)) {
          if (found.container().runs()) {
            running.add(found.container());
          }
        }
      }
    } catch (FaultException e) {
      if (e.reason() != Reason.UNSUPPORTED) {
        throw e;
      }
    }
    running.sort(Comparator.comparing(Listed::id));
    return running;
  }
}
