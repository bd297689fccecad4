package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.experiment.Experiment;
import io.faultd.fault.Reason;
import io.faultd.testing.TargetJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JvmReturnTest extends JvmFaultTest {
  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void strikesUntilItIsDestroyed(int version) throws Exception {
    TargetJvm target = target(version);
    Experiment fault = node.inject(target.pid(), "return", price("value", "7"));
    assertEquals("7", target.result("price 4"));
    hits(fault, 1);
    undone(fault, target);
  }

  @Test
  void isRefusedForAValueThatTheMethodCannotReturn() {
    TargetJvm target = target(17);
    refused(Reason.ILLEGAL_PARAMETER, "value", target, "return", price("value", "many"));
    assertEquals("12", target.result("price 4"));
  }
}
