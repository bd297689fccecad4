package io.faultd.jvm;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.jvm.JvmProcess.Machine;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The JVMs of this node, those in containers included, found anew by each call. */
public final class Jvms {
  // codes of the catalogue
  private static final int NO_SUCH_PROCESS = 47001;
  private static final int NOT_OF_THAT_NAME = 47002;
  private static final int SEVERAL = 47012;

  private final Procfs procfs;
  private final Predicate<JvmProcess> own;

  /**
   * Of a node.
   *
   * @param own those that are ours, which nobody is shown
   */
  public Jvms(Procfs procfs, Predicate<JvmProcess> own) {
    this.procfs = procfs;
    this.own = own;
  }

  /** All of them, by pid. */
  public List<JvmProcess> all() throws IOException {
    List<JvmProcess> found = new ArrayList<>();
    for (int pid : procfs.pids()) {
      look(pid).ifPresent(found::add);
    }
    return found;
  }

  /**
   * The one that is meant.
   *
   * @param name a part of its command line; absent: any
   * @param pid its pid; absent: the only one with that name
   * @throws FaultException MISSING_PARAMETER without either, TARGET_NOT_FOUND if there is none,
   *     ILLEGAL_PARAMETER if there are several; the message names them
   */
  public JvmProcess find(@Nullable String name, @Nullable Integer pid) throws IOException {
    if (pid != null) {
      JvmProcess found = byPid(pid);
      if (name != null && !found.command().contains(name)) {
        throw new FaultException(
            Reason.TARGET_NOT_FOUND,
            NOT_OF_THAT_NAME,
            "pid",
            "pid: %s does not have '%s' in its command line".formatted(found, name));
      }
      return found;
    }
    if (name == null || name.isBlank()) {
      throw FaultException.missing("process", "or pid is needed to say which JVM");
    }
    List<JvmProcess> found =
        all().stream().filter(each -> each.command().contains(name)).toList();
    if (found.isEmpty()) {
      throw none("process", "no JVM has '" + name + "' in its command line");
    }
    if (found.size() > 1) {
      throw new FaultException(
          Reason.ILLEGAL_PARAMETER,
          SEVERAL,
          "process",
          "process: %d JVMs have '%s' in their command line, name one by pid: %s"
              .formatted(
                  found.size(),
                  name,
                  found.stream()
                      .map(each -> Integer.toString(each.pid()))
                      .collect(Collectors.joining(", "))));
    }
    return found.getFirst();
  }

  private JvmProcess byPid(int pid) throws IOException {
    Optional<Stat> stat = procfs.stat(pid);
    if (stat.isEmpty() || stat.get().ended()) {
      throw none("pid", "there is no process " + pid);
    }
    return look(pid)
        .orElseThrow(() ->
            none(
                "pid",
                "process %d (%s) is no JVM: it has not mapped libjvm.so (a native image has not, and"
                        .formatted(pid, stat.get().name())
                    + " cannot be instrumented)"));
  }

  /** The same process as it is now; empty if it has ended. */
  public Optional<JvmProcess> again(ProcessIdentity process) throws IOException {
    return procfs.stat(process).isEmpty() ? Optional.empty() : look(process.pid());
  }

  private Optional<JvmProcess> look(int pid) throws IOException {
    Optional<Stat> stat = procfs.stat(pid);
    if (stat.isEmpty() || stat.get().ended() || stat.get().kernel()) {
      return Optional.empty();
    }
    Optional<Machine> machine = machine(pid);
    if (machine.isEmpty()) {
      return Optional.empty();
    }
    String user = numbered(pid, "Uid", 1);
    String group = numbered(pid, "Gid", 1);
    String inner = numbered(pid, "NStgid", -1);
    if (user.isEmpty() || group.isEmpty()) {
      return Optional.empty();
    }
    JvmProcess found =
        new JvmProcess(
            procfs.identity(stat.get()),
            stat.get().name(),
            String.join(" ", procfs.arguments(pid)),
            inner.isEmpty() ? pid : Integer.parseInt(inner),
            Integer.parseUnsignedInt(user),
            Integer.parseUnsignedInt(group),
            machine.get());
    return own.test(found) ? Optional.empty() : Optional.of(found);
  }

  /** One of the numbers of a line of status, counted from the end if negative. */
  private String numbered(int pid, String field, int index) {
    String[] numbers = procfs.status(pid, field).orElse("").split("\\s+", -1);
    int at = index < 0 ? numbers.length + index : index;
    return at < numbers.length ? numbers[at] : "";
  }

  private Optional<Machine> machine(int pid) throws IOException {
    try (BufferedReader maps =
        Files.newBufferedReader(
            procfs.root().resolve(pid + "/maps"), StandardCharsets.ISO_8859_1)) {
      for (String line = maps.readLine(); line != null; line = maps.readLine()) {
        String file = line.substring(line.lastIndexOf('/') + 1);
        if (file.startsWith("libjvm.so")) {
          return Optional.of(Machine.HOTSPOT);
        }
        if (file.startsWith("libj9vm")) {
          return Optional.of(Machine.OPENJ9);
        }
      }
      return Optional.empty();
    } catch (IOException gone) {
      // ENOENT before, ESRCH while it goes; EACCES without root
      return Optional.empty();
    }
  }

  private static FaultException none(String field, String message) {
    return new FaultException(
        Reason.TARGET_NOT_FOUND, NO_SUCH_PROCESS, field, field + ": " + message);
  }
}
