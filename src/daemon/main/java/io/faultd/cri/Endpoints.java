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
  private static final String KUBERNETES = "k8s.io";
  private static final String MOBY = "moby";

  /** Of a containerd that speaks no CRI: Docker's, or one of somebody's own. */
  private static final List<String> NAMESPACES = List.of(KUBERNETES, "default", MOBY);

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
    return present(usual(wanted));
  }

  /** Where those that may be meant have their sockets. */
  static List<String> usual(Selector wanted) {
    String runtime = wanted.runtime();
    return runtime == null ? ALL : KNOWN.getOrDefault(runtime, ALL);
  }

  /** All sockets that are there. */
  List<String> present() {
    return there(given.isEmpty() ? ALL : given);
  }

  /** Those that the operator named and that are not among these. */
  List<String> absent(List<String> present) {
    return given.stream().filter(each -> !present.contains(each)).toList();
  }

  private static List<String> there(List<String> sockets) {
    return sockets.stream().filter(each -> Files.exists(Path.of(each))).toList();
  }

  private static List<String> present(List<String> sockets) {
    List<String> there = there(sockets);
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
   * @throws IOException if nobody answers, or not as a runtime does; says so
   */
  static List<Found> containers(String socket, @Nullable String namespace) throws IOException {
    try {
      // what Kubernetes runs is removed the way that it knows of
      if (namespace != null && !namespace.equals(KUBERNETES)) {
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
      for (String each : namespace == null ? NAMESPACES : List.of(namespace)) {
        found.addAll(listed(socket, each));
      }
      return found;
    } catch (Connection.RefusedException e) {
      throw new IOException(said(socket, e), e);
    }
  }

  private static String said(String socket, Connection.RefusedException e) {
    return switch (e.code()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED -> "nobody answers at " + socket + ": " + e.getMessage();
      case UNIMPLEMENTED ->
          "what listens at %s speaks neither CRI v1 nor as containerd does".formatted(socket);
      default ->
          "what listens at %s does not answer as a runtime does: %s"
              .formatted(socket, e.getMessage());
    };
  }

  private static List<Found> listed(String socket, @Nullable String namespace) throws IOException {
    try (Runtime runtime = open(socket, namespace)) {
      return runtime.containers().stream()
          .filter(container -> !container.id().isBlank())
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
