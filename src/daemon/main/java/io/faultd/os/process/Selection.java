package io.faultd.os.process;

import io.faultd.fault.Claim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.linux.net.Clients;
import io.faultd.linux.net.Sockets;
import io.faultd.linux.proc.Pidfd;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which processes a fault acts on: those that fit all that is given, the oldest first.
 *
 * @param process a part of the command line
 * @param processCmd the command name
 * @param pid these only
 * @param localPort those that listen on (TCP) or are bound to (UDP) one of these
 * @param count at most so many; 0: all
 * @param excludeProcess not those whose command line has one of these in it
 * @param ignoreNotFound whether none is fine, too
 */
record Selection(
    @Nullable String process,
    @Nullable String processCmd,
    List<Integer> pid,
    List<Integer> localPort,
    int count,
    List<String> excludeProcess,
    boolean ignoreNotFound) {

  private static final int HIGHEST_PORT = 65535;

  /** The kernel cuts command names at so many bytes (TASK_COMM_LEN less its NUL). */
  private static final int NAME_LENGTH = 15;

  private static final Procfs PROCFS = Procfs.HOST;
  private static final int SELF = (int) ProcessHandle.current().pid();

  /**
   * Finds and {@link Injection#aim aims at} them.
   *
   * <p>Of those that only fit a pattern, the protected ones are left out with a warning; one that
   * is named by its pid is refused.
   *
   * @param unfit says why a process is left out, with a warning; empty if it is not
   * @return none only if none is fine
   * @throws FaultException if a matcher cannot be, if none is found, or if all are left out
   */
  List<Victim> choose(Injection on, Function<Victim, Optional<String>> unfit) throws IOException {
    check();
    List<Victim> found = withoutClients(found(on), on);
    if (found.isEmpty()) {
      return none(on, "no process matches " + this, null);
    }
    List<Victim> chosen = new ArrayList<>();
    Map<Victim, String> unfits = new LinkedHashMap<>();
    Optional<Victim> guarded = Optional.empty();
    for (Victim victim : found) {
      if (count > 0 && chosen.size() == count) {
        break;
      }
      Optional<String> guard = pid.isEmpty() ? on.guarded(victim.aim()) : Optional.empty();
      if (guard.isPresent()) {
        on.warn("left out " + victim + ": " + guard.get());
        guarded = guarded.or(() -> Optional.of(victim));
        continue;
      }
      on.aim(victim.aim());
      Optional<String> why = unfit.apply(victim);
      if (why.isPresent()) {
        unfits.put(victim, victim + " " + why.get());
      } else {
        chosen.add(victim);
      }
    }
    if (chosen.isEmpty() && unfits.isEmpty()) {
      guarded.ifPresent(victim -> on.aim(victim.aim()));
    }
    if (chosen.isEmpty()) {
      // if it is another experiment that made them so, that is named
      on.claim(
          unfits.keySet().stream()
              .map(each -> Claim.process(each.process(), each.name()))
              .toList());
      throw new FaultException(
          Reason.CONFLICT, "nothing to do: " + String.join(", ", unfits.values()));
    }
    unfits.values().forEach(why -> on.warn("left out " + why));
    return chosen;
  }

  /** An order's text is in the command line of the curl that sends it, and of curl's shell. */
  private List<Victim> withoutClients(List<Victim> found, Injection on) throws IOException {
    if (!pid.isEmpty() || found.isEmpty()) {
      return found;
    }
    Set<Integer> clients = Clients.of(SELF, PROCFS);
    List<Victim> others = new ArrayList<>();
    for (Victim victim : found) {
      if (clients.contains(victim.pid())) {
        on.warn("left out %s: it talks to faultd, or has started who does".formatted(victim));
      } else {
        others.add(victim);
      }
    }
    return others;
  }

  /**
   * Nothing is left to act on.
   *
   * @throws FaultException unless that is fine
   */
  List<Victim> none(Injection on, String message, @Nullable String field) {
    if (!ignoreNotFound) {
      throw new FaultException(
          Reason.TARGET_NOT_FOUND, Reason.TARGET_NOT_FOUND.code(), field, message);
    }
    on.warn(message);
    return List.of();
  }

  private void check() {
    if (process == null && processCmd == null && pid.isEmpty() && localPort.isEmpty()) {
      throw FaultException.missing(
          "process", "one of process, process-cmd, pid and local-port must say which processes");
    }
    text("process", process);
    text("process-cmd", processCmd);
    excludeProcess.forEach(word -> text("exclude-process", word));
    if (count < 0) {
      throw FaultException.illegal("count", count + " is negative; 0 means all");
    }
    for (int number : pid) {
      if (number < 1) {
        throw FaultException.illegal("pid", number + " is no pid; they begin at 1");
      }
    }
    for (int port : localPort) {
      if (port < 1 || port > HIGHEST_PORT) {
        throw FaultException.illegal("local-port", port + " is no port; they are 1 to 65535");
      }
    }
  }

  private static void text(String flag, @Nullable String value) {
    if (value != null && value.isBlank()) {
      throw FaultException.illegal(flag, "is blank, which would match every process");
    }
  }

  private List<Victim> found(Injection on) throws IOException {
    Target place = on.target();
    Set<Long> sockets =
        localPort.isEmpty()
            ? Set.of()
            : new Sockets(Path.of(place.files().procfs())).serving(localPort);
    if (!localPort.isEmpty() && sockets.isEmpty()) {
      return List.of();
    }
    List<Victim> found = new ArrayList<>();
    for (int each : pid.isEmpty() ? PROCFS.pids() : named(on)) {
      Optional<Stat> stat = PROCFS.stat(each);
      if (stat.isPresent() && fits(stat.get(), sockets) && place.has(each)) {
        Optional<ProcessIdentity> known = Pidfd.known(PROCFS.identity(stat.get()), PROCFS);
        known.ifPresent(identity -> found.add(new Victim(identity, stat.get())));
      }
    }
    found.sort(
        Comparator.comparingLong((Victim each) -> each.process().startTicks())
            .thenComparingInt(Victim::pid));
    return found;
  }

  /** The pids that were given, all of which must be those of living processes. */
  private Set<Integer> named(Injection on) throws IOException {
    Set<Integer> named = new LinkedHashSet<>();
    Map<Integer, Integer> inside = inside(on.target());
    for (int number : pid) {
      // a container's own number of it; this node's is the pid itself
      int known = on.target().init().isEmpty() ? number : inside.getOrDefault(number, 0);
      // a thread's number has a folder in procfs, too, but is in no listing
      boolean process =
          PROCFS.status(known, "Tgid").filter(Integer.toString(known)::equals).isPresent();
      if (process && alive(known)) {
        named.add(known);
      } else {
        String where = on.target().init().isEmpty() ? "" : " in the container";
        none(on, "pid: there is no process " + number + where, "pid");
      }
    }
    return named;
  }

  /** Pids by the numbers that a container has for them. */
  private static Map<Integer, Integer> inside(Target place) throws IOException {
    Map<Integer, Integer> inside = new HashMap<>();
    for (int known : place.init().isEmpty() ? List.<Integer>of() : PROCFS.pids()) {
      OptionalInt number = place.has(known) ? place.number(known) : OptionalInt.empty();
      number.ifPresent(each -> inside.put(each, known));
    }
    return inside;
  }

  private boolean fits(Stat stat, Set<Long> sockets) {
    if (stat.kernel() && pid.isEmpty() || stat.ended() && !alive(stat.pid())) {
      return false;
    }
    if (processCmd != null && !called(processCmd, stat)) {
      return false;
    }
    return commandLineFits(stat)
        && (localPort.isEmpty() || Sockets.HOST.holds(stat.pid(), sockets));
  }

  private boolean commandLineFits(Stat stat) {
    if (process == null && excludeProcess.isEmpty()) {
      return true;
    }
    List<String> arguments = PROCFS.arguments(stat.pid());
    String line = arguments.isEmpty() ? stat.name() : String.join(" ", arguments);
    return (process == null || line.contains(process))
        && excludeProcess.stream().noneMatch(line::contains);
  }

  /** A process whose first thread ended is a zombie by its own state and lives all the same. */
  private static boolean alive(int pid) {
    return PROCFS.tasks(pid).stream().anyMatch(task -> !task.ended());
  }

  private static boolean called(String name, Stat stat) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= NAME_LENGTH) {
      return stat.name().equals(name);
    }
    List<String> arguments = PROCFS.arguments(stat.pid());
    if (!arguments.isEmpty() && base(arguments.getFirst()).equals(name)) {
      return true;
    }
    // a script is the argument of its interpreter
    String cut = new String(bytes, 0, NAME_LENGTH, StandardCharsets.UTF_8);
    return stat.name().equals(cut) && arguments.size() > 1 && base(arguments.get(1)).equals(name);
  }

  private static String base(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    if (process != null) {
      parts.add("process=" + process);
    }
    if (processCmd != null) {
      parts.add("process-cmd=" + processCmd);
    }
    if (!pid.isEmpty()) {
      parts.add("pid=" + pid);
    }
    if (!localPort.isEmpty()) {
      parts.add("local-port=" + localPort);
    }
    if (!excludeProcess.isEmpty()) {
      parts.add("exclude-process=" + excludeProcess);
    }
    return String.join(" ", parts);
  }
}
