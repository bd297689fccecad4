package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Status;
import io.faultd.fault.Reason;

/** Faults of one library. */
abstract class LibraryFaultTest extends JvmFaultTest {
  private final String target;

  LibraryFaultTest(String target) {
    this.target = target;
  }

  Experiment inject(LibraryJvm jvm, String action, String... flags) {
    return node.injectOf(target, jvm.pid(), action, flags);
  }

  /** Destroys it, twice. */
  void destroyed(Experiment experiment) {
    assertEquals(Status.DESTROYED, node.destroy(experiment).status());
    assertEquals(Status.DESTROYED, node.destroy(experiment).status());
  }

  void refused(LibraryJvm jvm, Reason reason, String field, String action, String... flags) {
    refused(reason, field, () -> node.createOf(target, jvm.pid(), action, flags));
  }
}
