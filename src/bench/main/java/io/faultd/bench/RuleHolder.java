package io.faultd.bench;

import io.faultd.fault.Agent.Order;
import io.faultd.fault.Target;
import io.faultd.jvm.AgentLink;
import io.faultd.jvm.JvmProcess;
import io.faultd.jvm.Jvms;
import io.faultd.linux.proc.Procfs;
import java.time.Duration;
import java.util.Map;

/**
 * Puts a rule whose condition is false into a JVM and takes it back when its own input ends; a
 * daemon without the rest.
 */
public final class RuleHolder {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private RuleHolder() {}

  /**
   * Runs until the input ends.
   *
   * @param args the pid of the JVM
   */
  public static void main(String[] args) throws Exception {
    JvmProcess jvm =
        new Jvms(Procfs.HOST, each -> false)
            .find(null, Integer.parseInt(args[0]), new Target.Host());
    try (AgentLink link = AgentLink.open(jvm, "0be0c4be", Procfs.HOST, LIMIT)) {
      link.prime(LIMIT);
      link.add(
          new Order(
              "step",
              "jvm",
              "delay",
              Map.of(
                  "classname",
                  "io.faultd.bench.woven.Step",
                  "methodname",
                  "step",
                  "argument",
                  "0=-1",
                  "time",
                  "1")));
      System.out.println("armed");
      System.in.readAllBytes();
      link.remove("step");
    }
    System.out.println("revoked");
  }
}
