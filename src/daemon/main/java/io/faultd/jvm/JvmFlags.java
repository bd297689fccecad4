package io.faultd.jvm;

import io.faultd.fault.Displacing;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The flags of every order for a JVM: which one, and whether its agent is to be a new one.
 *
 * @param process a part of its command line
 * @param pid its pid, as its place numbers it
 * @param refresh whether an agent that is there is sent away first
 * @param javaHome taken for the sake of clients that send it
 */
public record JvmFlags(
    @Nullable String process, @Nullable Integer pid, boolean refresh, @Nullable String javaHome) {

  /** What has them. */
  @FunctionalInterface
  public interface Order extends Displacing {
    /** The flags. */
    JvmFlags jvm();

    @Override
    default Optional<String> displacing() {
      return jvm().refresh() ? Optional.of("refresh") : Optional.empty();
    }
  }
}
