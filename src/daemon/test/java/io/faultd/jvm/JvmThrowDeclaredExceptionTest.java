package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.experiment.Experiment;
import io.faultd.testing.TargetJvm;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JvmThrowDeclaredExceptionTest extends JvmFaultTest {
  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void strikesUntilItIsDestroyed(int version) throws Exception {
    TargetJvm target = target(version);
    Experiment fault =
        node.inject(
            target.pid(),
            "throwDeclaredException",
            "classname",
            "Shop",
            "methodname",
            "sell",
            "exception-message",
            "closed");
    assertEquals("java.io.IOException:closed", target.result("sell tea"));
    hits(fault, 1);
    undone(fault, target);
  }
}
