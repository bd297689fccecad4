package io.faultd.os.process;

import io.faultd.fault.Aim;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Stat;

/**
 * A process that was chosen.
 *
 * @param process which
 * @param seen how it was then
 */
record Victim(ProcessIdentity process, Stat seen) {

  int pid() {
    return process.pid();
  }

  String name() {
    return seen.name();
  }

  Aim aim() {
    return new Aim("process", Integer.toString(pid()), name());
  }

  @Override
  public String toString() {
    return "process " + pid() + " (" + name() + ")";
  }
}
