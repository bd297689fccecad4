package io.faultd.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.v1.CreateExperimentRequest;
import io.faultd.v1.DestroyExperimentRequest;
import io.faultd.v1.ExperimentServiceGrpc;
import io.faultd.v1.ExperimentStatus;
import io.faultd.v1.WatchExperimentsRequest;
import io.faultd.v1.WatchExperimentsResponse;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WatchTest extends Surface {

  private void create(String uid) {
    stub()
        .createExperiment(
            CreateExperimentRequest.newBuilder()
                .setUid(uid)
                .setTarget("process")
                .setAction("stop")
                .build());
  }

  private void destroy(String uid) {
    stub().destroyExperiment(DestroyExperimentRequest.newBuilder().setUid(uid).build());
  }

  private Iterator<WatchExperimentsResponse> watch(String uid, long after) {
    return stub()
        .watchExperiments(
            WatchExperimentsRequest.newBuilder().setUid(uid).setAfterSeq(after).build());
  }

  private static void saw(
      Iterator<WatchExperimentsResponse> watch, long seq, String uid, ExperimentStatus status) {
    WatchExperimentsResponse next = watch.next();
    assertEquals(seq, next.getSeq());
    assertEquals(uid, next.getRecord().getUid());
    assertEquals(status, next.getRecord().getStatus());
  }

  @Test
  void sendsThePresentStateAndThenEachChange() {
    create("a");
    create("b");
    destroy("a");
    Iterator<WatchExperimentsResponse> watch = watch("", 0);
    saw(watch, 2, "b", ExperimentStatus.EXPERIMENT_STATUS_SUCCESS);
    create("c");
    saw(watch, 4, "c", ExperimentStatus.EXPERIMENT_STATUS_SUCCESS);
    destroy("b");
    saw(watch, 5, "b", ExperimentStatus.EXPERIMENT_STATUS_DESTROYED);
  }

  @Test
  void resumesAfterANumber() {
    create("a");
    create("b");
    destroy("a");
    Iterator<WatchExperimentsResponse> watch = watch("", 1);
    saw(watch, 2, "b", ExperimentStatus.EXPERIMENT_STATUS_SUCCESS);
    saw(watch, 3, "a", ExperimentStatus.EXPERIMENT_STATUS_DESTROYED);
    assertFalse(watch("a", 3).hasNext(), "nothing can come any more");
  }

  @Test
  void endsWithTheExperiment() {
    create("a");
    Iterator<WatchExperimentsResponse> watch = watch("a", 0);
    saw(watch, 1, "a", ExperimentStatus.EXPERIMENT_STATUS_SUCCESS);
    create("b");
    destroy("a");
    saw(watch, 3, "a", ExperimentStatus.EXPERIMENT_STATUS_DESTROYED);
    assertFalse(watch.hasNext());
    Iterator<WatchExperimentsResponse> late = watch("a", 0);
    saw(late, 3, "a", ExperimentStatus.EXPERIMENT_STATUS_DESTROYED);
    assertFalse(late.hasNext());
  }

  @Test
  void aChangeThatIsOnDiskBeforeItIsSeenIsSentToo() {
    create("a");
    create("b");
    experiments.hide("a");
    destroy("a");
    Iterator<WatchExperimentsResponse> all = watch("", 0);
    saw(all, 1, "a", ExperimentStatus.EXPERIMENT_STATUS_SUCCESS);
    saw(all, 2, "b", ExperimentStatus.EXPERIMENT_STATUS_SUCCESS);
    saw(all, 3, "a", ExperimentStatus.EXPERIMENT_STATUS_DESTROYED);
    Iterator<WatchExperimentsResponse> one = watch("a", 0);
    saw(one, 1, "a", ExperimentStatus.EXPERIMENT_STATUS_SUCCESS);
    saw(one, 3, "a", ExperimentStatus.EXPERIMENT_STATUS_DESTROYED);
    experiments.show("a");
    assertFalse(one.hasNext());
    create("c");
    saw(all, 4, "c", ExperimentStatus.EXPERIMENT_STATUS_SUCCESS);
  }

  @Test
  void refusesWhatCannotBeWatched() {
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> watch("nobody", 0).hasNext());
    assertEquals(Status.Code.NOT_FOUND, e.getStatus().getCode());
    e = assertThrows(StatusRuntimeException.class, () -> watch("", 7).hasNext());
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
  }

  @RepeatedTest(3)
  void endsWhenTheClientCancels() {
    create("a");
    Context.CancellableContext context = Context.current().withCancellation();
    AtomicReference<Iterator<WatchExperimentsResponse>> watch = new AtomicReference<>();
    context.run(() -> watch.set(watch("", 0)));
    assertTrue(watch.get().hasNext());
    await(() -> experiments.watchers.get() > 0);
    context.cancel(null);
    assertNobodyAsks();
    create("b");
  }

  @RepeatedTest(3)
  void endsWhenTheConnectionIsGone() {
    create("a");
    ManagedChannel other = connect();
    Iterator<WatchExperimentsResponse> watch =
        ExperimentServiceGrpc.newBlockingStub(other)
            .watchExperiments(WatchExperimentsRequest.getDefaultInstance());
    assertTrue(watch.hasNext());
    await(() -> experiments.watchers.get() > 0);
    other.shutdownNow();
    assertNobodyAsks();
    create("b");
  }

  /** A watch asks for changes at least each half second. */
  private void assertNobodyAsks() {
    long end = System.nanoTime() + 10_000_000_000L;
    long quiet = System.nanoTime();
    int asked = experiments.watchers.get();
    while (System.nanoTime() - quiet < 1_500_000_000L && System.nanoTime() < end) {
      if (experiments.watchers.get() != asked) {
        asked = experiments.watchers.get();
        quiet = System.nanoTime();
      }
      Thread.onSpinWait();
    }
    assertTrue(System.nanoTime() - quiet >= 1_500_000_000L, "a stream goes on after its client");
  }
}
