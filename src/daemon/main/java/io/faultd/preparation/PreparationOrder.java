package io.faultd.preparation;

import io.faultd.experiment.Permit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants prepared.
 *
 * @param uid the client's own; absent: one is made
 * @param type jvm, or java
 * @param process a part of the JVM's command line
 * @param pid the process, as the daemon sees it
 * @param javaHome taken for the sake of clients that send it
 * @param port taken for the sake of clients that send it
 * @param refresh whether one that is there is ended first
 * @param async whether to answer before it is ready
 * @param permit in whose name it comes
 */
public record PreparationOrder(
    @Nullable String uid,
    String type,
    @Nullable String process,
    @Nullable Integer pid,
    @Nullable String javaHome,
    @Nullable String port,
    boolean refresh,
    boolean async,
    Permit permit) {
  private static final String REFRESHED = "\nrefresh";

  /** An order of the daemon itself. */
  public PreparationOrder(
      @Nullable String uid,
      String type,
      @Nullable String process,
      @Nullable Integer pid,
      @Nullable String javaHome,
      @Nullable String port,
      boolean refresh,
      boolean async) {
    this(uid, type, process, pid, javaHome, port, refresh, async, Permit.OWN);
  }

  /** What is kept of it, by which another one for its uid is told to be the same or not. */
  String print() {
    return jvm() + (refresh ? REFRESHED : "");
  }

  /** Whether it asks for what was made; one that makes it anew takes another uid. */
  boolean fits(String print) {
    return print.equals(print()) || print.equals(jvm() + REFRESHED);
  }

  private String jvm() {
    return String.join("\n", Objects.toString(process, ""), Objects.toString(pid));
  }
}
