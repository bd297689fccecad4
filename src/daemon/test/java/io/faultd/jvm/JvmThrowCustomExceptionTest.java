package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.experiment.Experiment;
import io.faultd.fault.Reason;
import io.faultd.testing.TargetJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JvmThrowCustomExceptionTest extends JvmFaultTest {
  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void strikesUntilItIsDestroyed(int version) throws Exception {
    TargetJvm target = target(version);
    Experiment fault =
        node.inject(
            target.pid(),
            "throwCustomException",
            price("exception", "java.lang.IllegalStateException", "exception-message", "sold out"));
    assertEquals("java.lang.IllegalStateException:sold_out", target.result("price 4"));
    hits(fault, 1);
    undone(fault, target);
  }

  @Test
  void strikesWhenTheMethodReturnsToo() throws Exception {
    TargetJvm target = target(17);
    Experiment fault =
        node.inject(
            target.pid(),
            "throwCustomException",
            price(
                "exception",
                "java.lang.IllegalStateException",
                "after",
                "true",
                "effect-count",
                "1"));
    assertEquals(
        "java.lang.IllegalStateException:chaosblade-mock-exception", target.result("price 4"));
    assertEquals("12", target.result("price 4"));
    undone(fault, target);
  }

  @Test
  void isRefusedForWhatCannotBeThrown() {
    TargetJvm target = target(17);
    for (String name : new String[] {"java.lang.String", "com.example.Nothing", "a b"}) {
      refused(
          Reason.ILLEGAL_PARAMETER,
          "exception",
          target,
          "throwCustomException",
          price("exception", name));
    }
    assertEquals("12", target.result("price 4"));
  }
}
