package io.faultd.fault;

import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.ns.NetworkIdentity;
import io.faultd.linux.proc.ProcessIdentity;

/**
 * A thing of this node that an experiment has for itself, or shares with others that only share it.
 *
 * <p>Keys are global to the node, so that two names of one thing meet.
 *
 * @param key the thing
 * @param exclusive whether nobody else may have it
 * @param name what people call it, for messages
 */
public record Claim(String key, boolean exclusive, String name) {

  /** A process: its state. */
  public static Claim process(ProcessIdentity process, String name) {
    return new Claim("process:" + process.pid() + ":" + process.startTicks(), true, name);
  }

  /** A name in a folder. */
  public static Claim entry(FileIdentity folder, String name) {
    return new Claim("entry:" + folder.key() + ":" + name, true, folder.path() + "/" + name);
  }

  /** The bytes of a file; shared by those that join it. */
  public static Claim content(FileIdentity file, boolean exclusive) {
    return new Claim("content:" + file.key(), exclusive, file.path());
  }

  /** The mode of a file. */
  public static Claim mode(FileIdentity file) {
    return new Claim("mode:" + file.key(), true, file.path());
  }

  /** A folder and all that is below it: exclusive to take it away, shared to work inside it. */
  public static Claim tree(FileIdentity folder, boolean exclusive) {
    return new Claim("tree:" + folder.key(), exclusive, folder.path());
  }

  /** What an interface does with the packets that it sends; shared by those that join it. */
  public static Claim queueing(NetworkIdentity network, int index, String name) {
    return new Claim("queueing:" + network.key() + ":" + index, false, "interface " + name);
  }

  /** The time of one processor as one cgroup gives it. */
  public static Claim cpuTime(String cgroup, int cpu) {
    return new Claim("cpu:" + cgroup + ":" + cpu, true, "cpu " + cpu);
  }

  /** The processor time of a JVM's own threads. */
  public static Claim jvmTime(ProcessIdentity jvm, String name) {
    return new Claim(
        "jvm-time:" + jvm.pid() + ":" + jvm.startTicks(),
        true,
        "processor time in process " + jvm.pid() + " (" + name + ")");
  }
}
