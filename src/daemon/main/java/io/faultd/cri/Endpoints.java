package io.faultd.cri;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where runtimes listen.
 *
 * @param given sockets that the operator named; empty: where runtimes have theirs
 */
record Endpoints(List<String> given) {
  private static final String MOBY = "moby";

  /** Of a containerd that speaks no CRI: Docker's, or one of somebody's own. */
  private static final List<String> NAMESPACES = List.of("k8s.io", "default", MOBY);

  private static final List<String> CONTAINERD =
      List.of(
          "/run/containerd/containerd.sock",
          "/run/k3s/containerd/containerd.sock",
          "/var/snap/microk8s/common/run/containerd.sock");
  private static final List<String> CRIO = List.of("/run/crio/crio.sock");
  private static final List<String> DOCKER =
      List.of("/run/containerd/containerd.sock", "/run/docker/containerd/containerd.sock");
  private static final List<String> ALL =
      Stream.of(CONTAINERD, CRIO, DOCKER).flatMap(List::stream).distinct().toList();
  private static final Map<String, List<String>> KNOWN =
      Map.of("containerd", CONTAINERD, "cri-o", CRIO, "docker", DOCKER);

  /**
   * What is to be asked for a container.
   *
   * @throws FaultException UNSUPPORTED if nothing listens
   */
  List<String> sockets(Selector wanted) {
    if (wanted.endpoint() != null) {
      return present(List.of(wanted.endpoint()));
    }
    if (!given.isEmpty()) {
      return present(given);
    }
    String runtime = wanted.runtime();
    return present(runtime == null ? ALL : KNOWN.getOrDefault(runtime, ALL));
  }

  private static List<String> present(List<String> sockets) {
    List<String> there = sockets.stream().filter(each -> Files.exists(Path.of(each))).toList();
    if (there.isEmpty()) {
      throw unsupported("no container runtime listens at " + String.join(", ", sockets));
    }
    return there;
  }

  static FaultException unsupported(String message) {
    return new FaultException(
        Reason.UNSUPPORTED, Reason.UNSUPPORTED.code(), "cri-endpoint", "cri-endpoint: " + message);
  }

  /**
   * All containers at a socket.
   *
   * @param namespace of containerd; absent: what the runtime shows to Kubernetes
   * @throws FaultException UNSUPPORTED if nobody answers
   */
  static List<Found> containers(String socket, @Nullable String namespace) throws IOException {
    try {
      if (namespace != null) {
        return listed(socket, namespace);
      }
      try {
        return listed(socket, null);
      } catch (Connection.RefusedException e) {
        if (e.code() != Status.Code.UNIMPLEMENTED) {
          throw e;
        }
      }
      List<Found> found = new ArrayList<>();
      for (String each : NAMESPACES) {
        found.addAll(listed(socket, each));
      }
      return found;
    } catch (Connection.RefusedException e) {
      if (e.code() == Status.Code.UNAVAILABLE || e.code() == Status.Code.DEADLINE_EXCEEDED) {
        throw unsupported("nobody answers at " + socket + ": " + e.getMessage());
      }
      throw e;
    }
  }

  private static List<Found> listed(String socket, @Nullable String namespace) throws IOException {
    try (Runtime runtime = open(socket, namespace)) {
      return runtime.containers().stream()
          .map(container -> new Found(container, socket, namespace))
          .toList();
    }
  }

  /** The namespace of containerd to look in. */
  static @Nullable String namespace(Selector wanted) {
    String namespace = wanted.namespace();
    if (namespace == null) {
      return "docker".equals(wanted.runtime()) ? MOBY : null;
    }
    return namespace;
  }

  private static Runtime open(String socket, @Nullable String namespace) {
    Connection connection = new Connection(socket);
    return namespace == null
        ? new CriRuntime(connection)
        : new ContainerdRuntime(connection, namespace);
  }

  /**
   * A container and who knows it.
   *
   * @param container as it was told
   * @param socket where
   * @param namespace of containerd; absent: by CRI
   */
  record Found(Listed container, String socket, @Nullable String namespace) {
    Runtime runtime() {
      return open(socket, namespace);
    }
  }
}
