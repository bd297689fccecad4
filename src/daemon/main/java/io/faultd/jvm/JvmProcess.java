package io.faultd.jvm;

import io.faultd.linux.proc.ProcessIdentity;

/**
 * A process that runs a JVM, as procfs shows it.
 *
 * @param process which
 * @param name its command name
 * @param command its command line
 * @param inner its pid in the innermost pid namespace, by which it names its own files
 * @param user its effective user, as our user namespace numbers it
 * @param group its effective group
 * @param machine whose JVM it is
 */
public record JvmProcess(
    ProcessIdentity process,
    String name,
    String command,
    int inner,
    int user,
    int group,
    Machine machine) {

  /** Whose JVM it is, told by the library that it has mapped. */
  public enum Machine {
    /** OpenJDK's, and what is built from it: {@code libjvm.so}. */
    HOTSPOT,
    /** Eclipse's: {@code libj9vm*.so}. */
    OPENJ9
  }

  /** Its pid in the daemon's pid namespace. */
  public int pid() {
    return process.pid();
  }

  @Override
  public String toString() {
    return "process " + pid() + " (" + name + ")";
  }
}
