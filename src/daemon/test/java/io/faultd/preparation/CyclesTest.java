package io.faultd.preparation;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However often a JVM is prepared, broken and left alone: it does not grow. */
@Requires("root")
class CyclesTest {
  /** The first ones load what stays loaded. */
  private static final int FIRST = 20;

  private static final int CYCLES = 100;

  @TempDir Path data;

  @Test
  void nothingGrows() throws Exception {
    // else the JDK's own soft references keep classes until memory is short
    try (TargetJvm target = TargetJvm.of(17, "-XX:SoftRefLRUPolicyMSPerMB=0");
        JvmNode node = new JvmNode(data)) {
      // and the JVM's own listener, which stays
      long idle = state(target).get("threads") + 1;
      cycles(FIRST, node, target);
      // the thread of the last one ends by itself, a moment after it said so
      eventually("no thread of ours", () -> state(target).get("threads") <= idle);
      Map<String, Long> before = state(target);
      long ownBefore = descriptors();
      cycles(CYCLES - FIRST, node, target);
      eventually("no thread of ours", () -> state(target).get("threads") <= idle);
      Map<String, Long> after = state(target);
      String both = before + " -> " + after;
      assertEquals(idle, after.get("threads"), both);
      assertTrue(after.get("descriptors") <= before.get("descriptors") + 1, both);
      assertTrue(after.get("metaspace") <= before.get("metaspace") + 1_000_000, both);
      assertTrue(descriptors() <= ownBefore + 2, "our own descriptors");
      assertEquals(List.of(), target.left());
    }
  }

  private static void cycles(int count, JvmNode node, TargetJvm target) {
    for (int i = 0; i < count; i++) {
      var fault =
          node.inject(
              target.pid(),
              "return",
              "classname",
              "Shop$Till",
              "methodname",
              "count",
              "value",
              "7");
      assertEquals("7", target.result("till 4"));
      node.destroy(fault);
      assertEquals("4", target.result("till 4"));
      node.preparations
          .list(new PreparationQuery(null, PreparationStatus.RUNNING, 0, 10, false))
          .forEach(each -> node.preparations.revoke(each.uid()));
    }
  }

  private static long descriptors() throws Exception {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  private static Map<String, Long> state(TargetJvm target) {
    target.ask("state"); // one collection frees what the next can unload
    String[] words = target.ask("state").split(" ", -1);
    Map<String, Long> state = new HashMap<>();
    for (int i = 0; i < words.length; i += 2) {
      state.put(words[i], Long.valueOf(words[i + 1]));
    }
    return state;
  }
}
