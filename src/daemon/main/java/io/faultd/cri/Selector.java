package io.faultd.cri;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which container is meant: one that fits all that is given.
 *
 * @param id its id, or a beginning of it
 * @param name its name
 * @param labels each {@code KEY=VALUE}, {@code KEY!=VALUE} or {@code KEY}
 * @param podName the name of its pod
 * @param podNamespace the Kubernetes namespace of its pod
 * @param runtime containerd, cri-o, docker, cri; absent: any
 * @param endpoint path of the runtime's socket; absent: where runtimes have theirs
 * @param namespace of containerd; absent: that of Kubernetes
 */
public record Selector(
    @Nullable String id,
    @Nullable String name,
    List<String> labels,
    @Nullable String podName,
    @Nullable String podNamespace,
    @Nullable String runtime,
    @Nullable String endpoint,
    @Nullable String namespace) {
  /** Words by which runtimes call themselves; the others say how one is asked. */
  private static final Set<String> TOLD = Set.of("containerd", "cri-o");

  /** Whether a container is one that is meant. */
  boolean fits(Listed container) {
    return (id == null || container.id().startsWith(id))
        && (name == null || name.equals(container.name()))
        && (podName == null || podName.equals(container.podName()))
        && (podNamespace == null || podNamespace.equals(container.podNamespace()))
        && (runtime == null || !TOLD.contains(runtime) || container.runtime().startsWith(runtime))
        && labels.stream().allMatch(label -> fits(label, container));
  }

  private static boolean fits(String label, Listed container) {
    int equals = label.indexOf('=');
    if (equals < 0) {
      return container.labels().containsKey(label);
    }
    boolean unlike = label.charAt(equals - 1) == '!';
    String key = label.substring(0, unlike ? equals - 1 : equals);
    return unlike != label.substring(equals + 1).equals(container.labels().get(key));
  }

  /** The flag that says most, to be named when it is wrong. */
  String flag() {
    if (id != null) {
      return "container-id";
    }
    if (name != null) {
      return "container-name";
    }
    return podName != null ? "pod-name" : "container-label-selector";
  }

  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    add(parts, "container-id", id);
    add(parts, "container-name", name);
    add(parts, "pod-name", podName);
    add(parts, "pod-namespace", podNamespace);
    add(parts, "container-label-selector", labels.isEmpty() ? null : String.join(",", labels));
    add(parts, "container-runtime", runtime);
    add(parts, "container-namespace", namespace);
    return String.join(" ", parts);
  }

  private static void add(List<String> parts, String flag, @Nullable String value) {
    if (value != null) {
      parts.add(flag + "=" + value);
    }
  }
}
