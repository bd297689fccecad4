package io.faultd.jvm;

import io.faultd.fault.Agent;
import io.faultd.fault.Target;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Finds, in a place, the JVM that an order aims at. */
public final class JvmTargets {
  private final Jvms jvms;
  private final Agents agents;

  /** Where what breaks JVMs from inside comes from. */
  @FunctionalInterface
  public interface Agents {
    /**
     * The agent of a JVM, which may not be there yet.
     *
     * @param process by what the JVM was found
     */
    Agent of(JvmProcess jvm, @Nullable String process);
  }

  /** A finder among these. */
  public JvmTargets(Jvms jvms, Agents agents) {
    this.jvms = jvms;
    this.agents = agents;
  }

  /**
   * Finds it; touches nothing.
   *
   * @param place this node or a container; belongs to what is returned
   * @throws io.faultd.fault.FaultException as {@link Jvms#find}
   */
  public Target find(Target place, JvmFlags flags) throws IOException {
    JvmProcess jvm = jvms.find(flags.process(), flags.pid(), place);
    return new Target.Jvm(jvm.process(), jvm.name(), place, agents.of(jvm, flags.process()));
  }
}
