package io.faultd.cri;

import com.google.protobuf.Empty;
import io.faultd.cri.v1.containers.Container;
import io.faultd.cri.v1.containers.ContainersGrpc;
import io.faultd.cri.v1.containers.ContainersGrpc.ContainersBlockingStub;
import io.faultd.cri.v1.containers.DeleteContainerRequest;
import io.faultd.cri.v1.containers.ListContainersRequest;
import io.faultd.cri.v1.tasks.DeleteTaskRequest;
import io.faultd.cri.v1.tasks.KillRequest;
import io.faultd.cri.v1.tasks.ListTasksRequest;
import io.faultd.cri.v1.tasks.Process;
import io.faultd.cri.v1.tasks.TasksGrpc;
import io.faultd.cri.v1.tasks.TasksGrpc.TasksBlockingStub;
import io.faultd.linux.proc.Signals;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * One namespace of containerd, asked by its own interface: what the Container Runtime Interface
 * does not show, as Docker's containers and those that were started by hand.
 */
final class ContainerdRuntime implements Runtime {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration REMOVAL = Duration.ofSeconds(10);
  private static final Metadata.Key<String> NAMESPACE =
      Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);

  /** Labels that hold what people call a container, those of Kubernetes first. */
  private static final List<String> NAMES =
      List.of("io.kubernetes.container.name", "nerdctl/name", "com.docker.compose.service");

  private final Connection connection;
  private final String namespace;
  private final ContainersBlockingStub containers;
  private final TasksBlockingStub tasks;

  ContainerdRuntime(Connection connection, String namespace) {
    this.connection = connection;
    this.namespace = namespace;
    Metadata headers = new Metadata();
    headers.put(NAMESPACE, namespace);
    Channel channel =
        ClientInterceptors.intercept(
            connection.channel(), MetadataUtils.newAttachHeadersInterceptor(headers));
    this.containers = ContainersGrpc.newBlockingStub(channel);
    this.tasks = TasksGrpc.newBlockingStub(channel);
  }

  @Override
  public List<Listed> containers() throws IOException {
    Map<String, Process> running = tasks();
    return Connection.call(
            containers, LIMIT, it -> it.list(ListContainersRequest.getDefaultInstance()))
        .getContainersList()
        .stream()
        // the pause containers of pods
        .filter(each -> !"sandbox".equals(each.getLabelsMap().get("io.cri-containerd.kind")))
        .map(each -> listed(each, running.getOrDefault(each.getId(), Process.getDefaultInstance())))
        .toList();
  }

  private Map<String, Process> tasks() throws IOException {
    Map<String, Process> running = new HashMap<>();
    for (Process task :
        Connection.call(tasks, LIMIT, it -> it.list(ListTasksRequest.getDefaultInstance()))
            .getTasksList()) {
      // older ones put the container's id where newer ones have the process's
      running.put(task.getContainerId().isEmpty() ? task.getId() : task.getContainerId(), task);
    }
    return running;
  }

  private Listed listed(Container container, Process task) {
    Map<String, String> labels = container.getLabelsMap();
    String name =
        NAMES.stream()
            .filter(labels::containsKey)
            .map(labels::get)
            .findFirst()
            .orElse(container.getId());
    return new Listed(
        container.getId(),
        name,
        labels,
        labels.getOrDefault("io.kubernetes.pod.name", ""),
        labels.getOrDefault("io.kubernetes.pod.namespace", ""),
        container.getImage(),
        switch (task.getStatus()) {
          case CREATED -> "created";
          case RUNNING -> "running";
          case PAUSED, PAUSING -> "paused";
          case STOPPED, UNKNOWN, UNRECOGNIZED -> "exited";
        },
        "containerd/" + namespace,
        connection.socket());
  }

  @Override
  public OptionalInt pid(String id) throws IOException {
    Process task = tasks().get(id);
    return task == null || task.getPid() == 0 ? OptionalInt.empty() : OptionalInt.of(task.getPid());
  }

  @Override
  public void remove(String id) throws IOException {
    KillRequest kill =
        KillRequest.newBuilder().setContainerId(id).setSignal(Signals.KILL).setAll(true).build();
    Connection.unlessGone(() -> Connection.call(tasks, LIMIT, it -> it.kill(kill)));
    DeleteTaskRequest task = DeleteTaskRequest.newBuilder().setContainerId(id).build();
    Connection.untilGone(REMOVAL, () -> Connection.call(tasks, LIMIT, it -> it.delete(task)));
    DeleteContainerRequest container = DeleteContainerRequest.newBuilder().setId(id).build();
    Connection.unlessGone(() -> {
      Empty done = Connection.call(containers, LIMIT, it -> it.delete(container));
      return done;
    });
  }

  @Override
  public void close() {
    connection.close();
  }
}
