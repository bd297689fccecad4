package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Created;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Status;
import io.faultd.fault.Reason;
import io.faultd.preparation.JvmNode;
import io.faultd.preparation.PreparationQuery;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A daemon without sockets, and JVMs to be harmed by it. */
@Requires("root")
abstract class JvmFaultTest {
  static final PreparationQuery ALL = new PreparationQuery(null, null, 0, 100, false);

  @TempDir Path data;
  JvmNode node;
  private final List<TargetJvm> targets = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    node = new JvmNode(data);
  }

  @AfterEach
  void stop() {
    node.close();
    targets.forEach(TargetJvm::close);
  }

  TargetJvm target(int version) {
    TargetJvm target = TargetJvm.of(version);
    targets.add(target);
    return target;
  }

  /** Flags of an order about the method that {@code price} calls. */
  static String[] price(String... more) {
    return Stream.concat(Stream.of("classname", "Shop", "methodname", "price"), Stream.of(more))
        .toArray(String[]::new);
  }

  /** An order that must be refused, with nothing left of it. */
  void refused(Reason reason, String field, TargetJvm target, String action, String... flags) {
    refused(reason, field, () -> node.create(target.pid(), action, flags));
  }

  /** An order that must be refused, with nothing left of it. */
  void refused(Reason reason, String field, Supplier<Created> order) {
    Created created;
    try {
      created = order.get();
    } catch (io.faultd.fault.FaultException e) {
      assertEquals(reason, e.reason(), e.getMessage());
      assertEquals(field, e.field().orElse(""), e.getMessage());
      return;
    }
    assertNotNull(created.failure(), "it was taken");
    assertEquals(reason, created.failure().reason(), created.failure().getMessage());
    assertEquals(field, created.failure().field().orElse(""), created.failure().getMessage());
    assertEquals(Status.ERROR, node.now(created.experiment()).status());
  }

  /** Waits for what the record says of hits. */
  void hits(Experiment experiment, long count) throws Exception {
    Eventually.eventually(
        count + " hits, now " + node.now(experiment).effect(),
        () -> Long.valueOf(count).equals(node.now(experiment).effect().hits()));
  }

  /** Destroys it, twice, and sees that the method is as before. */
  void undone(Experiment experiment, TargetJvm target) {
    assertEquals(Status.DESTROYED, node.destroy(experiment).status());
    assertEquals(Status.DESTROYED, node.destroy(experiment).status());
    assertEquals("12", target.result("price 4"));
    assertEquals("sold_tea", target.result("sell tea"));
    assertEquals(List.of(), target.left());
    assertTrue(target.alive());
  }
}
