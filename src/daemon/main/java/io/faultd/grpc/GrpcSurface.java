package io.faultd.grpc;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.faultd.dispatch.Dispatcher;
import io.faultd.dispatch.Inventory;
import io.faultd.dispatch.NodeFacts;
import io.faultd.experiment.Audit;
import io.faultd.experiment.Experiments;
import io.faultd.port.Connections;
import io.faultd.preparation.Preparations;
import io.faultd.v1.FaultdProto;
import io.grpc.health.v1.HealthProto;
import io.grpc.reflection.v1.ServerReflectionProto;
import io.helidon.webserver.grpc.GrpcConfig;
import io.helidon.webserver.grpc.GrpcProtocolSelector;
import io.helidon.webserver.grpc.GrpcRouting;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** All services on one port, behind one gate. */
public final class GrpcSurface {
  /** Larger than any message that is taken, so that its client is told why. */
  static final int READ_BUFFER = 2 * StatusInterceptor.LARGEST_MESSAGE;

  /** For all messages that are not small; a twelfth of the least heap that the launcher gives. */
  private static final int ROOM = 4 * READ_BUFFER;

  private static final FileDescriptor OWN = FaultdProto.getDescriptor();
  private static final FileDescriptor ALPHA =
      io.grpc.reflection.v1alpha.ServerReflectionProto.getDescriptor();
  private static final List<FileDescriptor> FILES =
      List.of(OWN, HealthProto.getDescriptor(), ServerReflectionProto.getDescriptor(), ALPHA);

  private final Experiments experiments;
  private final Preparations preparations;
  private final Dispatcher dispatcher;
  private final Node node;
  private final Door door;
  private final Connections connections;

  /**
   * A surface.
   *
   * @param door what stands before all of it
   */
  public GrpcSurface(
      Experiments experiments,
      Preparations preparations,
      Dispatcher dispatcher,
      Node node,
      Door door) {
    this.experiments = experiments;
    this.preparations = preparations;
    this.dispatcher = dispatcher;
    this.node = node;
    this.door = door;
    this.connections =
        new Connections(
            door.patience(),
            new UnknownMethods(methods(method -> true)),
            new Intake(
                GrpcProtocolSelector.create(
                    GrpcConfig.builder().maxReadBufferSize(READ_BUFFER).build()),
                methods(method -> !method.isClientStreaming()),
                new Semaphore(ROOM),
                door.patience()));
  }

  /**
   * What calls pass.
   *
   * @param access asked for each call but those of the health service
   * @param patience how long a large message may take to arrive
   */
  public record Door(CallAccess access, Duration patience) {}

  /**
   * What is told of the node.
   *
   * @param facts asked for each GetInfo
   * @param inventory asked for each ListTargets
   * @param audit who did what
   */
  public record Node(Supplier<NodeFacts> facts, Inventory inventory, Audit audit) {}

  /** How connections to the socket are handled; belongs to the same listener as the routing. */
  public Connections connections() {
    return connections;
  }

  private static Set<String> methods(Predicate<MethodDescriptor> wanted) {
    return FILES.stream()
        .flatMap(file -> file.getServices().stream())
        .flatMap(service -> service.getMethods().stream())
        .filter(wanted)
        .map(method -> method.getService().getFullName() + "/" + method.getName())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The routing of the socket. */
  public GrpcRouting.Builder routing() {
    Set<String> services =
        OWN.getServices().stream()
            .map(service -> service.getFullName())
            .collect(Collectors.toUnmodifiableSet());
    Reflection reflection = new Reflection(FILES);
    return GrpcRouting.builder()
        .intercept(new StatusInterceptor())
        .intercept(new GateInterceptor(door.access(), experiments::ready, connections))
        .service(OWN, RawBytes.of(new ExperimentService(experiments, dispatcher)))
        .service(OWN, RawBytes.of(new PreparationService(preparations)))
        .service(OWN, RawBytes.of(new NodeServices.Actions(dispatcher)))
        .service(OWN, RawBytes.of(new NodeServices.Targets(node.inventory())))
        .service(OWN, RawBytes.of(new NodeServices.Node(node.facts())))
        .service(OWN, RawBytes.of(new AuditService(node.audit())))
        .service(
            HealthProto.getDescriptor(),
            RawBytes.of(new HealthService(services, experiments::ready)))
        .service(ServerReflectionProto.getDescriptor(), RawBytes.of(reflection.first()))
        .service(ALPHA, RawBytes.of(reflection.alpha()));
  }
}
