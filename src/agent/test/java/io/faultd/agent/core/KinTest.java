package io.faultd.agent.core;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KinTest {
  private static boolean untouched(String name) throws Refusal {
    Flags flags = new Flags(new HashMap<>(Map.of("time", "1")));
    Aim aim = Aim.at(Pointcut.of(List.of(), "any"), (Condition) null);
    return Kin.untouched(name, new Rule("any", aim, Actions.common("delay", flags), flags));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "java/faultd/Gate",
        "java/lang/Object",
        "java/lang/ThreadLocal",
        "java/lang/ThreadLocal$ThreadLocalMap",
        "java/lang/ref/Reference",
        "java/util/concurrent/atomic/AtomicLong",
        "jdk/internal/misc/Unsafe",
        "sun/misc/Unsafe"
      })
  void whatTheGateCallsIsNotWoven(String name) throws Refusal {
    assertTrue(untouched(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "java/lang/Objects",
        "java/lang/InheritableThreadLocal",
        "java/util/concurrent/atomic/AtomicLongArray",
        "java/util/concurrent/atomic/AtomicLongFieldUpdater"
      })
  void whatIsOnlyNamedAlikeIsWoven(String name) throws Refusal {
    assertFalse(untouched(name));
  }
}
