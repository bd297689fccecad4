package io.faultd.linux.ns;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Root;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Signals;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a process has around it, as a place to work on: its root, network and control groups.
 *
 * <p>Held by descriptors, so that they stay those of this very process however often its pid is
 * used again.
 */
public final class Interior implements AutoCloseable {
  private final ProcessIdentity process;
  private final Procfs procfs;
  private final Root files;
  private final Fd network;
  private final Membership members;
  private final Superuser superuser;
  private final int depth;

  private Interior(ProcessIdentity process, Procfs procfs, Root files, Fd network) {
    this.process = process;
    this.procfs = procfs;
    this.files = files;
    this.network = network;
    this.members = Membership.of(process.pid(), procfs);
    this.superuser = Superuser.of(process.pid(), procfs);
    this.depth = numbers(process.pid()).size();
  }

  /**
   * Takes hold of it.
   *
   * @param lasting whether others may have the same root when the process has ended
   * @throws LinuxException ESRCH if the process is gone; else if the kernel refuses
   */
  public static Interior of(ProcessIdentity process, Procfs procfs, boolean lasting)
      throws LinuxException {
    Root files = Root.of(process, procfs, lasting);
    Fd network;
    try {
      network = Open.followed(files.procfs() + "/ns/net");
    } catch (LinuxException e) {
      files.close();
      throw e;
    }
    Interior interior = new Interior(process, procfs, files, network);
    if (interior.ended()) { // what was read by its pid may be another's
      interior.close();
      throw new LinuxException("open", Errno.ESRCH.number(), "/proc/" + process.pid());
    }
    return interior;
  }

  /** Takes hold of it; its root goes with it. */
  public static Interior of(ProcessIdentity process, Procfs procfs) throws LinuxException {
    return of(process, procfs, false);
  }

  /** Whose it is. */
  public ProcessIdentity process() {
    return process;
  }

  /** The files that it sees. */
  public Root files() {
    return files;
  }

  /** A name of its network namespace's nsfs file, good until {@link #close}. */
  public String network() {
    return network.link();
  }

  /** Who is root in its user namespace. */
  public Superuser superuser() {
    return superuser;
  }

  /** Whether the process of this pid is in its control group, or in one below. */
  public boolean has(int pid) {
    return members.has(pid);
  }

  /** The pid by which it knows the process of this pid; empty if it sees no such process. */
  public OptionalInt number(int pid) {
    List<Integer> numbers = numbers(pid);
    return depth > 0 && numbers.size() >= depth
        ? OptionalInt.of(numbers.get(depth - 1))
        : OptionalInt.empty();
  }

  /** Its control group in the tree of this v1 controller, or of version 2 if that is empty. */
  public Optional<String> group(String controller) {
    return members.group(controller);
  }

  /**
   * Whether the process has ended, or is to: one that is frozen (version 1 of control groups) takes
   * SIGKILL when it is let go on, and does nothing before.
   */
  public boolean ended() {
    return procfs.stat(process).filter(stat -> !stat.ended()).isEmpty() || doomed();
  }

  private boolean doomed() {
    String pending = procfs.status(process.pid(), "ShdPnd").orElse("0");
    return (Long.parseUnsignedLong(pending, 16) & 1L << (Signals.KILL - 1)) != 0;
  }

  /** Its pids from the daemon's namespace inwards: NSpid of proc_pid_status(5). */
  private List<Integer> numbers(int pid) {
    return procfs
        .status(pid, "NSpid")
        .map(text -> Arrays.stream(text.split("\\s+", -1)).map(Integer::valueOf).toList())
        .orElse(List.of());
  }

  @Override
  public void close() {
    files.close();
    network.close();
  }
}
