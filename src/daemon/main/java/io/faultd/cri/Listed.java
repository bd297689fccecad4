package io.faultd.cri;

import java.util.Map;

/**
 * A container as its runtime tells it.
 *
 * @param id by which the runtime knows it
 * @param name in its pod, or the runtime's; the id if it has none
 * @param labels its labels
 * @param podName its pod; empty: in none
 * @param podNamespace the Kubernetes namespace of its pod; empty: in none
 * @param image what it was made from
 * @param state created, running, paused, exited, unknown
 * @param runtime who runs it
 * @param endpoint the runtime's socket
 */
public record Listed(
    String id,
    String name,
    Map<String, String> labels,
    String podName,
    String podNamespace,
    String image,
    String state,
    String runtime,
    String endpoint) {
  private static final int SHORT = 13;

  /** Whether it has processes. */
  boolean runs() {
    return state.equals("running") || state.equals("paused");
  }

  @Override
  public String toString() {
    String start = id.length() > SHORT ? id.substring(0, SHORT) : id;
    String pod = podName.isEmpty() ? "" : " of pod " + podNamespace + "/" + podName;
    return "%s (%s%s)".formatted(start, name, pod);
  }
}
