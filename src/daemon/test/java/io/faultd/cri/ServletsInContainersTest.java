package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.Pod;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.Wish;
import io.faultd.testing.WithContainerd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Tomcat in a container is struck, and one in another container of the same pod is not. */
@WithContainerd
class ServletsInContainersTest {
  private static final Path AGENT = Path.of(System.getProperty("faultd.root"), "src/agent/target");
  private static final int LATE = 5_000; // between what an exec takes and how long one may take

  private static Pod pod;
  private static Container one;
  private static Container other;

  @TempDir Path data;

  @BeforeAll
  static void serve(Containerd containerd) throws Exception {
    pod = containerd.pod();
    one = tomcat("one");
    other = tomcat("other");
    Eventually.eventually("both serve", () -> !port(one).isEmpty() && !port(other).isEmpty());
  }

  @AfterAll
  static void end() {
    pod.close();
  }

  /** The JDK, its libraries, Tomcat and a servlet of the agent's tests are volumes. */
  private static Container tomcat(String name) {
    Path home = TargetJvm.home(25);
    return pod.container(
        new Wish(
            name,
            Map.of(
                home.toString(),
                home,
                "/lib",
                Path.of("/usr/lib"),
                "/lib64",
                Path.of("/usr/lib64"),
                "/tomcat",
                AGENT.resolve("libraries/tomcat-11"),
                "/app",
                AGENT.resolve("test-classes")),
            0,
            0),
        "/bin/sh",
        "-c",
        "(echo serve tomcat JakartaServlet; sleep 1000000) | "
            + TargetJvm.java(25)
            + " -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
            + " -cp '/tomcat/*:/app' io.faultd.targets.Target >/data/out");
  }

  /** Where it listens; empty as long as it does not. */
  private static String port(Container container) throws IOException {
    return Files.readAllLines(container.file("/data/out")).stream()
        .filter(line -> line.startsWith("port="))
        .map(line -> line.substring("port=".length()).split("\t", -1)[0])
        .findFirst()
        .orElse("");
  }

  /** How many milliseconds a request takes from inside; its answer is a good one. */
  private static long millis(Container container, String path) throws IOException {
    String url = "http://127.0.0.1:" + port(container) + "/app" + path;
    long begin = System.nanoTime();
    String answer = container.exec("/bin/busybox", "wget", "-q", "-O", "-", url);
    long millis = (System.nanoTime() - begin) / 1_000_000;
    assertEquals("got /app" + path, answer.strip());
    return millis;
  }

  @Test
  void requestsToOneOfThemWaitUntilItIsDestroyed(Containerd containerd) throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      String uid =
          rig.succeed(
              one,
              "servlet",
              "delay",
              "process",
              "Target",
              "time",
              Integer.toString(LATE),
              "requestpath",
              "/slow");
      assertTrue(millis(one, "/slow") >= LATE);
      assertTrue(millis(one, "/quick") < LATE);
      assertTrue(millis(other, "/slow") < LATE);
      Eventually.eventually("it is counted", () -> rig.get(uid).effect().hits() == 1);
      rig.destroy(uid);
      assertTrue(millis(one, "/slow") < LATE);
    }
  }

  /** What a request is answered from inside, or what is said of that. */
  private static String answer(Container container, String path) throws IOException {
    String url = "http://127.0.0.1:" + port(container) + "/app" + path;
    return container.exec("/bin/sh", "-c", "/bin/busybox wget -q -O - " + url + " 2>&1; true");
  }

  @ParameterizedTest
  @CsvSource({
    "modifyCode, code, 418, 418",
    "throwCustomException, exception, java.lang.IllegalStateException, 500"
  })
  void oneOfThemAnswersWithAnotherStatusUntilItIsDestroyed(
      String action, String flag, String value, String status, Containerd containerd)
      throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      String uid =
          rig.succeed(
              one, "servlet", action, "process", "Target", flag, value, "requestpath", "/app/odd");
      assertTrue(answer(one, "/odd").contains(" " + status), answer(one, "/odd"));
      assertEquals("got /app/even", answer(one, "/even").strip());
      assertEquals("got /app/odd", answer(other, "/odd").strip());
      rig.destroy(uid);
      assertEquals("got /app/odd", answer(one, "/odd").strip());
    }
  }
}
