package io.faultd.cri;

import io.faultd.cri.v1.Container;
import io.faultd.cri.v1.ContainerStatusRequest;
import io.faultd.cri.v1.ContainerStatusResponse;
import io.faultd.cri.v1.ListContainersRequest;
import io.faultd.cri.v1.ListPodSandboxRequest;
import io.faultd.cri.v1.PodSandbox;
import io.faultd.cri.v1.PodSandboxMetadata;
import io.faultd.cri.v1.RemoveContainerRequest;
import io.faultd.cri.v1.RuntimeServiceGrpc;
import io.faultd.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.faultd.cri.v1.StopContainerRequest;
import io.faultd.cri.v1.VersionRequest;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonReader;
import jakarta.json.spi.JsonProvider;
import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** A runtime that speaks the Container Runtime Interface, v1: containerd, CRI-O, cri-dockerd. */
final class CriRuntime implements Runtime {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration REMOVAL = Duration.ofSeconds(30);
  private static final JsonProvider JSON = JsonProvider.provider();

  private final Connection connection;
  private final RuntimeServiceBlockingStub stub;

  CriRuntime(Connection connection) {
    this.connection = connection;
    this.stub = RuntimeServiceGrpc.newBlockingStub(connection.channel());
  }

  @Override
  public List<Listed> containers() throws IOException {
    String runtime =
        Connection.call(stub, LIMIT, it -> it.version(VersionRequest.getDefaultInstance()))
            .getRuntimeName();
    Map<String, PodSandboxMetadata> pods = new HashMap<>();
    for (PodSandbox pod :
        Connection.call(
                stub, LIMIT, it -> it.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()))
            .getItemsList()) {
      pods.put(pod.getId(), pod.getMetadata());
    }
    return Connection.call(
            stub, LIMIT, it -> it.listContainers(ListContainersRequest.getDefaultInstance()))
        .getContainersList()
        .stream()
        .map(each -> {
          PodSandboxMetadata pod =
              pods.getOrDefault(each.getPodSandboxId(), PodSandboxMetadata.getDefaultInstance());
          return listed(each, pod, runtime);
        })
        .toList();
  }

  private Listed listed(Container container, PodSandboxMetadata pod, String runtime) {
    return new Listed(
        container.getId(),
        container.getMetadata().getName(),
        container.getLabelsMap(),
        pod.getName(),
        pod.getNamespace(),
        container.getImage().getImage(),
        switch (container.getState()) {
          case CONTAINER_CREATED -> "created";
          case CONTAINER_RUNNING -> "running";
          case CONTAINER_EXITED -> "exited";
          case CONTAINER_UNKNOWN, UNRECOGNIZED -> "unknown";
        },
        runtime,
        connection.socket());
  }

  @Override
  public OptionalInt pid(String id) throws IOException {
    ContainerStatusRequest request =
        ContainerStatusRequest.newBuilder().setContainerId(id).setVerbose(true).build();
    ContainerStatusResponse status =
        Connection.call(stub, LIMIT, it -> it.containerStatus(request));
    String info = status.getInfoOrDefault("info", "");
    try (JsonReader reader = JSON.createReader(new StringReader(info))) {
      JsonNumber pid = reader.readObject().getJsonNumber("pid");
      return pid != null && pid.intValue() > 0
          ? OptionalInt.of(pid.intValue())
          : OptionalInt.empty();
    } catch (JsonException | ClassCastException e) {
      throw new IOException("the container runtime tells no pid of " + id + ": " + e, e);
    }
  }

  @Override
  public void remove(String id) throws IOException {
    StopContainerRequest stop =
        StopContainerRequest.newBuilder().setContainerId(id).setTimeout(0).build();
    RemoveContainerRequest remove = RemoveContainerRequest.newBuilder().setContainerId(id).build();
    Connection.untilGone(
        LIMIT,
        () -> {
          // with some it is an error to stop what is not there
          Connection.unlessGone(() -> Connection.call(stub, REMOVAL, it -> it.stopContainer(stop)));
          return Connection.call(stub, REMOVAL, it -> it.removeContainer(remove));
        });
  }

  @Override
  public void close() {
    connection.close();
  }
}
