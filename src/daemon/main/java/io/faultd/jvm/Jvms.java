package io.faultd.jvm;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.jvm.JvmProcess.Machine;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The JVMs of this node, those in containers included, found anew by each call. */
public final class Jvms {
  // codes of the catalogue
  private static final int NO_SUCH_PROCESS = 47001;
  private static final int NOT_OF_THAT_NAME = 47002;
  private static final int SEVERAL = 47012;

  private static final Logger LOG = System.getLogger(Jvms.class.getName());

  private final Procfs procfs;
  private final Predicate<JvmProcess> own;

  /**
   * Of a node.
   *
   * @param own those that are ours, which are not found by name
   */
  public Jvms(Procfs procfs, Predicate<JvmProcess> own) {
    this.procfs = procfs;
    this.own = own;
  }

  /** All of them, by pid; those that do not tell what they are passed over. */
  public List<JvmProcess> all() throws IOException {
    List<JvmProcess> found = new ArrayList<>();
    for (int pid : procfs.pids()) {
      try {
        look(procfs.stat(pid)).filter(own.negate()).ifPresent(found::add);
      } catch (Maps.Late e) {
        LOG.log(Level.WARNING, "{0}; it is passed over", e.getMessage());
      }
    }
    return found;
  }

  /**
   * The one that is meant.
   *
   * @param name a part of its command line; absent: any
   * @param pid its pid, as the place numbers it; absent: the only one with that name
   * @param place where to look; without name and pid it must have just one
   * @throws FaultException MISSING_PARAMETER without name and pid on the node itself,
   *     TARGET_NOT_FOUND if there is none, ILLEGAL_PARAMETER if there are several; the message
   *     names them
   */
  public JvmProcess find(@Nullable String name, @Nullable Integer pid, Target place)
      throws IOException {
    boolean node = place.init().isEmpty();
    if (pid != null) {
      JvmProcess found = node ? byPid(pid) : one(within(place, pid), "pid", "pid " + pid);
      if (name != null && !found.command().contains(name)) {
        throw new FaultException(
            Reason.TARGET_NOT_FOUND,
            NOT_OF_THAT_NAME,
            "pid",
            "pid: %s does not have '%s' in its command line".formatted(found, name));
      }
      return found;
    }
    if (node && (name == null || name.isBlank())) {
      throw FaultException.missing("process", "or pid is needed to say which JVM");
    }
    String part = name == null ? "" : name;
    return one(
        within(place, null).stream().filter(each -> each.command().contains(part)).toList(),
        "process",
        "'" + part + "' in its command line");
  }

  private List<JvmProcess> within(Target place, @Nullable Integer number) throws IOException {
    return all().stream()
        .filter(each -> place.has(each.pid()))
        .filter(each -> number == null || place.number(each.pid()).equals(OptionalInt.of(number)))
        .toList();
  }

  private static JvmProcess one(List<JvmProcess> found, String field, String what) {
    if (found.isEmpty()) {
      throw none(field, "no JVM has " + what);
    }
    if (found.size() > 1) {
      throw new FaultException(
          Reason.ILLEGAL_PARAMETER,
          SEVERAL,
          field,
          "%s: %d JVMs have %s, name one by pid: %s"
              .formatted(
                  field,
                  found.size(),
                  what,
                  found.stream()
                      .map(each -> Integer.toString(each.pid()))
                      .collect(Collectors.joining(", "))));
    }
    return found.getFirst();
  }

  private JvmProcess byPid(int pid) throws IOException {
    Stat stat =
        procfs
            .stat(pid)
            .filter(seen -> !seen.ended())
            .orElseThrow(() -> none("pid", "there is no process " + pid));
    return look(stat)
        .orElseThrow(() ->
            none(
                "pid",
                "process %d (%s) is no JVM: it has not mapped libjvm.so (a native image has not, and"
                        .formatted(pid, stat.name())
                    + " cannot be instrumented)"));
  }

  /** The same process as it is now; empty if it has ended. */
  public Optional<JvmProcess> again(ProcessIdentity process) throws IOException {
    return look(procfs.stat(process));
  }

  private Optional<JvmProcess> look(Optional<Stat> stat) throws IOException {
    return stat.isEmpty() ? Optional.empty() : look(stat.get());
  }

  private Optional<JvmProcess> look(Stat stat) throws IOException {
    int pid = stat.pid();
    Optional<Machine> machine = stat.ended() || stat.kernel() ? Optional.empty() : machine(pid);
    if (machine.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> status = procfs.status(pid);
    String user = numbered(status, "Uid", 1);
    String group = numbered(status, "Gid", 1);
    String inner = numbered(status, "NStgid", -1);
    if (user.isEmpty() || group.isEmpty()) {
      return Optional.empty();
    }
    JvmProcess found =
        new JvmProcess(
            procfs.identity(stat),
            stat.name(),
            String.join(" ", procfs.arguments(pid)),
            inner.isEmpty() ? pid : Integer.parseInt(inner),
            Integer.parseUnsignedInt(user),
            Integer.parseUnsignedInt(group),
            machine.get());
    return Optional.of(found);
  }

  /** One of the numbers of a line of status, counted from the end if negative. */
  private static String numbered(Map<String, String> status, String field, int index) {
    String[] numbers = status.getOrDefault(field, "").split("\\s+", -1);
    int at = index < 0 ? numbers.length + index : index;
    return at < numbers.length ? numbers[at] : "";
  }

  private Optional<Machine> machine(int pid) throws Maps.Late {
    try {
      return Maps.of(pid, procfs, Jvms::machine);
    } catch (Maps.Late e) {
      throw e;
    } catch (IOException gone) {
      // ENOENT before, ESRCH while it goes; EACCES without root
      return Optional.empty();
    }
  }

  private static Optional<Machine> machine(BufferedReader maps) throws IOException {
    Optional<Machine> found = Optional.empty();
    for (String line = maps.readLine(); line != null; line = maps.readLine()) {
      String file = line.substring(line.lastIndexOf('/') + 1);
      if (file.startsWith("libj9vm")) { // which has a libjvm.so beside it
        return Optional.of(Machine.OPENJ9);
      }
      if (file.startsWith("libjvm.so")) {
        found = Optional.of(Machine.HOTSPOT);
      }
    }
    return found;
  }

  private static FaultException none(String field, String message) {
    return new FaultException(
        Reason.TARGET_NOT_FOUND, NO_SUCH_PROCESS, field, field + ": " + message);
  }
}
