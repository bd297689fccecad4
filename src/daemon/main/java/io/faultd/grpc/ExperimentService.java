package io.faultd.grpc;

import io.faultd.dispatch.Dispatcher;
import io.faultd.experiment.Created;
import io.faultd.experiment.Destroyed;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Order;
import io.faultd.experiment.Query;
import io.faultd.experiment.Status;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.v1.CreateExperimentRequest;
import io.faultd.v1.CreateExperimentResponse;
import io.faultd.v1.DestroyAllExperimentsRequest;
import io.faultd.v1.DestroyAllExperimentsResponse;
import io.faultd.v1.DestroyExperimentRequest;
import io.faultd.v1.DestroyExperimentResponse;
import io.faultd.v1.DestroyOutcome;
import io.faultd.v1.ExperimentRecord;
import io.faultd.v1.ExperimentServiceGrpc;
import io.faultd.v1.ExperimentStatus;
import io.faultd.v1.GetExperimentRequest;
import io.faultd.v1.GetExperimentResponse;
import io.faultd.v1.ListExperimentsRequest;
import io.faultd.v1.ListExperimentsResponse;
import io.faultd.v1.WatchExperimentsRequest;
import io.faultd.v1.WatchExperimentsResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Experiments over gRPC. */
final class ExperimentService extends ExperimentServiceGrpc.ExperimentServiceImplBase {
  private static final int OK = 200;

  /**
   * No order that is taken is larger; a message can be, by what is none of it, and all of it stays
   * in memory until it is answered.
   */
  private static final int LARGEST_ORDER = 128 * 1024;

  private static final Duration SETTLE = Duration.ofSeconds(30);

  private final Experiments experiments;
  private final Dispatcher dispatcher;

  ExperimentService(Experiments experiments, Dispatcher dispatcher) {
    this.experiments = experiments;
    this.dispatcher = dispatcher;
  }

  @Override
  public void createExperiment(
      CreateExperimentRequest request, StreamObserver<CreateExperimentResponse> out) {
    BooleanSupplier gaveUp = gaveUp(out);
    Order order =
        new Order(
            absent(request.getUid()),
            request.getScope(),
            request.getTarget(),
            request.getAction(),
            Map.copyOf(request.getFlagsMap()),
            request.getDescription(),
            Map.copyOf(request.getLabelsMap()),
            GateInterceptor.permit());
    CreateExperimentResponse.Builder response =
        CreateExperimentResponse.newBuilder().setSuccess(true).setCode(OK);
    if (request.getDryRun()) {
      response.setPlan(Messages.of(experiments.plan(order)));
    } else {
      if (request.getSerializedSize() <= LARGEST_ORDER) {
        Inlet.understood();
      }
      Created created =
          experiments.create(
              order,
              new Experiments.Waiting(
                  GateInterceptor.idempotencyKey().orElse(null),
                  gaveUp,
                  request.getWaitSettled() ? SETTLE : null));
      if (created.failure() != null) {
        if (GateInterceptor.late().getAsBoolean()) {
          throw Failures.late(created.failure());
        }
        throw Failures.of(created.failure(), created.experiment().uid());
      }
      response.setUid(created.experiment().uid()).setRecord(Messages.of(created.experiment()));
    }
    answer(out, response.build());
  }

  @Override
  public void destroyExperiment(
      DestroyExperimentRequest request, StreamObserver<DestroyExperimentResponse> out) {
    String uid = named(request.getUid());
    DestroyExperimentResponse.Builder response =
        DestroyExperimentResponse.newBuilder().setUid(uid).setSuccess(true).setCode(OK);
    try {
      Destroyed destroyed = experiments.destroy(uid, request.getForce(), GateInterceptor.permit());
      if (left(destroyed.experiment())) {
        throw Failures.of(residue(destroyed.experiment()), uid);
      }
      response.setRecord(Messages.of(destroyed.experiment()));
    } catch (FaultException e) {
      if (e.reason() != Reason.UNKNOWN_UID || request.getTarget().isEmpty()) {
        throw e;
      }
      Experiments.Swept swept = experiments.sweep(uid, orderOf(request));
      response.addAllUndone(swept.undone()).addAllUnsure(swept.unsure());
    }
    answer(out, response.build());
  }

  @Override
  public void destroyAllExperiments(
      DestroyAllExperimentsRequest request, StreamObserver<DestroyAllExperimentsResponse> out) {
    DestroyAllExperimentsResponse.Builder all = DestroyAllExperimentsResponse.newBuilder();
    DestroyAllExperimentsResponse.Builder failed = DestroyAllExperimentsResponse.newBuilder();
    int failures = 0;
    int room = Pages.MOST;
    for (Destroyed one :
        experiments.destroyAll(Map.copyOf(request.getLabelsMap()), GateInterceptor.permit())) {
      DestroyOutcome outcome = outcome(one.experiment());
      if (room > 0) {
        ExperimentRecord record = Messages.of(one.experiment());
        room -= record.getSerializedSize();
        all.addOutcomes(outcome.toBuilder().setRecord(record));
      } else {
        all.addOutcomes(outcome);
      }
      if (!outcome.getSuccess()) {
        failures++;
        if (failed.build().getSerializedSize() + outcome.getSerializedSize()
            < Failures.LONGEST_MORE) {
          failed.addOutcomes(outcome);
        }
      }
    }
    if (failures > 0) {
      String text = "%d of %d could not be undone".formatted(failures, all.getOutcomesCount());
      throw Failures.of(new FaultException(Reason.RESIDUE, text), Map.of(), failed.build());
    }
    answer(out, all.build());
  }

  @Override
  public void getExperiment(
      GetExperimentRequest request, StreamObserver<GetExperimentResponse> out) {
    Experiment experiment = known(named(request.getUid()));
    answer(out, GetExperimentResponse.newBuilder().setRecord(Messages.of(experiment)).build());
  }

  @Override
  public void listExperiments(
      ListExperimentsRequest request, StreamObserver<ListExperimentsResponse> out) {
    int filters = Pages.filters(request.toBuilder().clearPageSize().clearPageToken().build());
    int size = Pages.size(request.getPageSize());
    String last = Pages.last(request.getPageToken(), filters);
    String target = request.getTarget();
    String action = request.getAction();
    Stream<Experiment> found =
        experiments.list(
            new Query(
                absent(request.getUid()),
                target.isEmpty() ? null : dispatcher.canonicalTarget(target),
                action.isEmpty() ? null : canonicalActions(target, action),
                absent(request.getFlag()),
                status(request.getStatus()),
                Map.copyOf(request.getLabelsMap()),
                last,
                0,
                size + 1,
                request.getAscending()));
    Pages.check(last, experiments::get);
    ListExperimentsResponse.Builder response = ListExperimentsResponse.newBuilder();
    int room = Pages.MOST;
    Iterator<Experiment> each = found.iterator();
    while (each.hasNext() && response.getRecordsCount() < size && room > 0) {
      ExperimentRecord record = Messages.of(each.next());
      response.addRecords(record);
      room -= record.getSerializedSize();
    }
    if (each.hasNext()) {
      String end = response.getRecords(response.getRecordsCount() - 1).getUid();
      response.setNextPageToken(Pages.token(end, filters));
    }
    answer(out, response.build());
  }

  @Override
  public void watchExperiments(
      WatchExperimentsRequest request, StreamObserver<WatchExperimentsResponse> out) {
    BooleanSupplier gaveUp = gaveUp(out);
    String uid = absent(request.getUid());
    if (uid != null) {
      known(uid);
    }
    long last = experiments.lastChange();
    if (request.getAfterSeq() < 0 || request.getAfterSeq() > last) {
      throw FaultException.illegal(
          "after_seq", "must be from 0 to %d, the last change".formatted(last));
    }
    if (new Watch(experiments, uid, gaveUp, GateInterceptor.stays(), out)
        .run(request.getAfterSeq())) {
      out.onCompleted();
    }
  }

  /** Whether the client of the present call no longer waits. */
  private static BooleanSupplier gaveUp(StreamObserver<?> out) {
    ServerCallStreamObserver<?> call = (ServerCallStreamObserver<?>) out;
    call.setOnCancelHandler(() -> {}); // else answers to a client that went would throw
    BooleanSupplier gone = GateInterceptor.gaveUp();
    return () -> call.isCancelled() || gone.getAsBoolean();
  }

  private static <A> void answer(StreamObserver<A> out, A response) {
    if (!((ServerCallStreamObserver<A>) out).isCancelled()) {
      out.onNext(response);
      out.onCompleted();
    }
  }

  private Experiment known(String uid) {
    return experiments
        .get(uid)
        .orElseThrow(() ->
            new FaultException(
                Reason.UNKNOWN_UID, Reason.UNKNOWN_UID.code(), "uid", "no experiment " + uid));
  }

  private static String named(String uid) {
    if (uid.isEmpty()) {
      throw FaultException.missing("uid", "is required");
    }
    return uid;
  }

  private Set<String> canonicalActions(String target, String action) {
    return target.isEmpty()
        ? dispatcher.canonicalActions(action)
        : Set.of(dispatcher.canonicalAction(target, action));
  }

  private static Order orderOf(DestroyExperimentRequest request) {
    return new Order(
        request.getUid(),
        request.getScope(),
        request.getTarget(),
        request.getAction(),
        Map.copyOf(request.getFlagsMap()),
        "",
        Map.of(),
        GateInterceptor.permit());
  }

  private static DestroyOutcome outcome(Experiment experiment) {
    DestroyOutcome.Builder outcome =
        DestroyOutcome.newBuilder().setUid(experiment.uid()).setSuccess(true).setCode(OK);
    if (left(experiment)) {
      FaultException residue = residue(experiment);
      outcome
          .setSuccess(false)
          .setCode(residue.code())
          .setError(String.valueOf(residue.getMessage()));
    }
    return outcome.build();
  }

  private static boolean left(Experiment experiment) {
    return experiment.status() == Status.ERROR && !experiment.residue().isEmpty();
  }

  private static FaultException residue(Experiment experiment) {
    return new FaultException(
        Reason.RESIDUE,
        "%d steps of %s could not be undone yet: %s: %s"
            .formatted(
                experiment.residue().size(),
                experiment.uid(),
                experiment.residue().getFirst().step(),
                experiment.residue().getFirst().error()));
  }

  private static @Nullable Status status(ExperimentStatus status) {
    return switch (status) {
      case EXPERIMENT_STATUS_UNSPECIFIED -> null;
      case EXPERIMENT_STATUS_CREATED -> Status.CREATED;
      case EXPERIMENT_STATUS_SUCCESS -> Status.SUCCESS;
      case EXPERIMENT_STATUS_ERROR -> Status.ERROR;
      case EXPERIMENT_STATUS_DESTROYED -> Status.DESTROYED;
      case UNRECOGNIZED -> throw FaultException.illegal("status", "must be an ExperimentStatus");
    };
  }

  private static @Nullable String absent(String text) {
    return text.isEmpty() ? null : text;
  }
}
