package io.faultd.cri;

import io.faultd.fault.FaultException;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Open;
import io.faultd.linux.net.UnixSocket;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

  /** By the word for container-runtime. */
  private static final Map<String, Known> KNOWN =
      Map.of(
          "containerd",
          Known.asUsual(
              "/run/containerd/containerd.sock",
              "/run/k3s/containerd/containerd.sock",
              "/var/snap/microk8s/common/run/containerd.sock"),
          "cri-o",
          Known.asUsual("/run/crio/crio.sock"),
          "docker",
          Known.asUsual(
              "/run/containerd/containerd.sock", "/run/docker/containerd/containerd.sock"),
          "cri",
          Known.asUsual("/run/cri-dockerd.sock"));

  private static final List<String> ALL =
      KNOWN.values().stream().flatMap(each -> each.sockets().stream()).distinct().sorted().toList();

  /**
   * A runtime that is known.
   *
   * @param sockets where it listens
   * @param own how it is asked; absent: by the Container Runtime Interface, or as containerd
   */
  private record Known(List<String> sockets, @Nullable Opener own) {
    static Known asUsual(String... sockets) {
      return new Known(List.of(sockets), null);
    }
  }

  /** Opens a runtime that is asked in a way of its own. */
  @FunctionalInterface
  interface Opener {
    /** It, which closes the connection. */
    Runtime open(Connection connection);
  }

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
    Known known = runtime == null || runtime.equals("cri") ? null : KNOWN.get(runtime);
    return known == null ? ALL : known.sockets();
  }

  /**
   * How a runtime is asked in a way of its own; empty: as usual.
   *
   * @param runtime the word for it; absent: whose socket that is
   */
  private static Optional<Opener> own(String socket, @Nullable String runtime) {
    return KNOWN.entrySet().stream()
        .filter(each ->
            runtime == null
                ? each.getValue().sockets().contains(socket)
                : each.getKey().equals(runtime))
        .map(each -> each.getValue().own())
        .filter(Objects::nonNull)
        .findFirst();
  }

  /** All sockets that are there. */
  List<String> present() {
    return there(given.isEmpty() ? ALL : given);
  }

  /** Why nobody can be asked; empty if somebody listens. */
  Optional<String> missing() {
    List<String> refusals = new ArrayList<>();
    for (String socket : given.isEmpty() ? ALL : given) {
      if (listens(socket)) {
        return Optional.empty();
      }
      refusals.add(socket);
    }
    return Optional.of("no container runtime listens at " + String.join(", ", refusals));
  }

  /**
   * Whether somebody listens. One that hangs does: where its queue is full of connections that it
   * does not take, connecting would wait for as long as it does.
   */
  private static boolean listens(String socket) {
    try (Fd file = Open.followed(socket)) {
      UnixSocket.connect(file, socket).close();
      return true;
    } catch (LinuxException e) {
      return UnixSocket.busy(e);
    }
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
    return FaultException.unsupported("cri-endpoint", message);
  }

  /**
   * All containers at a socket.
   *
   * @param namespace of containerd; absent: what the runtime shows to Kubernetes
   * @param runtime the word for who listens there; absent: whoever it is
   * @throws IOException if nobody answers, or not as a runtime does; says so
   */
  static List<Found> containers(String socket, @Nullable String namespace, @Nullable String runtime)
      throws IOException {
    Optional<Opener> own = own(socket, runtime);
    try {
      if (own.isPresent()) {
        return listed(new Door(socket, null, own.get()));
      }
      // what Kubernetes runs is removed the way that it knows of
      if (namespace != null && !namespace.equals(KUBERNETES)) {
        return listed(new Door(socket, namespace, null));
      }
      try {
        return listed(new Door(socket, null, null));
      } catch (Connection.RefusedException e) {
        if (e.code() != Status.Code.UNIMPLEMENTED) {
          throw e;
        }
      }
      List<Found> found = new ArrayList<>();
      for (String each : namespace == null ? NAMESPACES : List.of(namespace)) {
        found.addAll(listed(new Door(socket, each, null)));
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

  private static List<Found> listed(Door door) throws IOException {
    try (Runtime runtime = door.open()) {
      return runtime.containers().stream()
          .filter(container -> !container.id().isBlank())
          .map(container -> new Found(container, door))
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

  /**
   * A way to ask a runtime.
   *
   * @param socket where it listens
   * @param namespace of containerd; absent: by the Container Runtime Interface
   * @param own how it is asked, if in a way of its own
   */
  private record Door(String socket, @Nullable String namespace, @Nullable Opener own) {
    Runtime open() {
      Connection connection = new Connection(socket);
      if (own != null) {
        return own.open(connection);
      }
      return namespace == null
          ? new CriRuntime(connection)
          : new ContainerdRuntime(connection, namespace);
    }
  }

  /** A container and who knows it. */
  static final class Found {
    private final Listed container;
    private final Door door;

    private Found(Listed container, Door door) {
      this.container = container;
      this.door = door;
    }

    /** As it was told. */
    Listed container() {
      return container;
    }

    String socket() {
      return door.socket();
    }

    /**
     * Whether it may be started again when it has ended, with the files that it had: all may but
     * those of the kubelet, which makes a new one each time.
     */
    boolean restarts() {
      return door.namespace() != null && !door.namespace().equals(KUBERNETES);
    }

    Runtime runtime() {
      return door.open();
    }
  }
}
