package io.faultd.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long ends take is told, whoever wants them: once of each. */
@Requires("root")
class UndoTimesTest {
  private record Told(String uid, Status status, boolean residue, Duration took) {}

  @TempDir private Path folder;
  private final List<Told> told = new CopyOnWriteArrayList<>();
  private Node node;

  @BeforeEach
  void start() throws IOException {
    node = open(folder.resolve("data"));
  }

  private Node open(Path data) throws IOException {
    return Node.on(data)
        .undone((record, took) ->
            told.add(new Told(record.uid(), record.status(), !record.residue().isEmpty(), took)))
        .start();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private List<String> uids() {
    return told.stream().map(Told::uid).sorted().toList();
  }

  private static Order held(String uid, String... more) {
    return Node.run(
        uid,
        on -> on.hold("held", new Node.Held()),
        more.length == 0 ? Map.of() : Map.of(more[0], more[1]));
  }

  @Test
  void ofADestroyADeadlineAndADestroyOfAll() throws Exception {
    node.succeed(held("a"));
    assertEquals(List.of(), uids());
    node.destroy("a");
    node.destroy("a");
    assertEquals(List.of("a"), uids());
    node.succeed(held("b", "timeout", "60"));
    node.time.pass(Duration.ofSeconds(61));
    node.await("b", Status.DESTROYED);
    node.succeed(held("c"));
    node.engine.destroyAll(Map.of());
    assertEquals(List.of("a", "b", "c"), uids());
    assertTrue(told.stream().allMatch(each -> each.status() == Status.DESTROYED), told::toString);
  }

  @Test
  void ofTheEndOfATargetAndOfTheDaemon() throws Exception {
    Node.Held lost = new Node.Held();
    node.succeed(Node.run("lost", on -> on.hold("held", lost), Map.of()));
    lost.state = Effect.State.GONE;
    node.await("lost", Status.ERROR);
    Eventually.eventually("its end is told", () -> uids().equals(List.of("lost")));
    node.succeed(held("left"));
    node.close();
    assertEquals(List.of("left", "lost"), uids());
  }

  @Test
  void ofWhatTheNextStartPutsBack() throws Exception {
    node.succeed(held("dies"));
    Path cut = node.snapshot(folder.resolve("cut"));
    node.close();
    told.clear();
    node = open(cut);
    assertEquals(List.of("dies"), uids());
  }

  @Test
  void notOfAnInjectionThatCameToNothing() {
    node.create(
        Node.run(
            "none",
            on -> {
              throw new FaultException(Reason.TARGET_NOT_FOUND, "nobody is there");
            },
            Map.of()));
    assertEquals(List.of(), uids());
  }

  @Test
  void ofResidueOnceHoweverOftenItIsTriedAgain() throws Exception {
    Node.Held stuck = new Node.Held();
    node.succeed(Node.run("stuck", on -> on.hold("held", stuck), Map.of()));
    stuck.stuck = new IllegalStateException("cannot let go");
    node.destroy("stuck");
    Eventually.eventually("it is tried again", () -> stuck.closed.get() > 2);
    assertEquals(List.of("stuck"), uids());
    assertTrue(told.getFirst().residue());
    stuck.stuck = null;
    node.destroy("stuck");
    Eventually.eventually("told again", () -> uids().equals(List.of("stuck", "stuck")));
    assertEquals(Status.DESTROYED, node.get("stuck").status());
  }
}
