package io.faultd.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which container an order means: one that fits all that is given.
 *
 * @param id its id, or a beginning of it
 * @param name its name: in its pod, or the runtime's
 * @param labels each {@code KEY=VALUE}, {@code KEY!=VALUE} or {@code KEY}
 * @param podName the name of its pod
 * @param podNamespace the Kubernetes namespace of its pod
 * @param runtime containerd, cri-o, docker, cri; absent: whichever there is
 * @param endpoint socket of the runtime; absent: where runtimes have theirs
 * @param namespace of containerd; absent: what Kubernetes uses
 */
public record ContainerFlags(
    @Nullable String id,
    @Nullable String name,
    List<String> labels,
    @Nullable String podName,
    @Nullable String podNamespace,
    @Nullable String runtime,
    @Nullable String endpoint,
    @Nullable String namespace) {}
