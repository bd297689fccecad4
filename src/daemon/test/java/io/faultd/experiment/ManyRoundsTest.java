package io.faultd.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Injection;
import io.faultd.os.file.FileAppend;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An experiment that appends again and again, for hours. */
@Requires("root")
class ManyRoundsTest {
  private static final int ROUNDS = 4000;
  private static final int FOREIGN = 300;

  @TempDir Path temporary;

  @Test
  void areTakenBackAtOnceByWhoMadeThemAndByWhoFindsThem() throws Exception {
    Path data = Files.createDirectories(temporary.resolve("data"));
    Path things = Files.createDirectories(temporary.resolve("things"));
    Path file = Files.writeString(things.resolve("file"), "before\n");
    var before = Fingerprint.of(things);
    try (var fast = Kernel.tmpfs(data, "size=256m,mode=700");
        Node node = Node.on(data.resolve("first")).start()) {
      String uid = node.succeed(Node.run(on -> rounds(on, file, ROUNDS, false)));
      assertTrue(node.store.unfinished().findFirst().orElseThrow().steps().size() < 5);
      node.snapshot(data.resolve("copy"));
      long begin = System.nanoTime();
      try (Node found = Node.on(data.resolve("copy")).start()) {
        found.await(uid, Status.DESTROYED);
        assertTrue(secondsSince(begin) < 3, "found: " + secondsSince(begin));
      }
      assertEquals(before, Fingerprint.of(things));
      node.destroy(uid);
      String again = node.succeed(Node.run(on -> rounds(on, file, ROUNDS, false)));
      begin = System.nanoTime();
      assertEquals(Status.DESTROYED, node.destroy(again).status());
      assertTrue(secondsSince(begin) < 3, "destroyed: " + secondsSince(begin));
      assertEquals(before, Fingerprint.of(things));
    }
  }

  @Test
  void areTakenBackEachOnItsOwnWhenOthersWroteInBetween() throws Exception {
    Path data = Files.createDirectories(temporary.resolve("data"));
    Path file = Files.writeString(temporary.resolve("file"), "before\n");
    try (var fast = Kernel.tmpfs(data, "size=256m,mode=700");
        Node node = Node.on(data).start()) {
      String uid = node.succeed(Node.run(on -> rounds(on, file, FOREIGN, true)));
      node.destroy(uid);
      node.await(uid, Status.DESTROYED);
      assertEquals("before\n" + "theirs\n".repeat(FOREIGN), Files.readString(file));
    }
  }

  private static double secondsSince(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  /** All rounds at once, as the engine would let them come one by one. */
  private static void rounds(Injection on, Path file, int rounds, boolean foreign)
      throws IOException {
    Injection.Change[] change = new Injection.Change[1];
    Injection keeping =
        (Injection)
            Proxy.newProxyInstance(
                Injection.class.getClassLoader(),
                new Class<?>[] {Injection.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("repeat")) {
                    change[0] = (Injection.Change) arguments[1];
                    return null;
                  }
                  try {
                    return method.invoke(on, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    new FileAppend()
        .inject(
            new FileAppend.Params(
                file.toString(), "round", 1, Duration.ofSeconds(1), false, false, null),
            keeping);
    for (int i = 0; i < rounds; i++) {
      if (foreign) {
        Files.writeString(file, "theirs\n", StandardOpenOption.APPEND);
      }
      change[0].make();
    }
  }
}
