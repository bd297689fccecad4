package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.faultd.experiment.Created;
import io.faultd.experiment.Status;
import io.faultd.preparation.JvmNode;
import io.faultd.preparation.PreparationQuery;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@WithContainerd
class JvmsInContainersTest {
  private static final Map<String, String> DELAY =
      Map.of("process", "Shop", "classname", "Shop", "methodname", "price", "time", "300");

  @TempDir Path data;

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void theMethodsOfOneContainerWaitAndThoseOfTheOtherDoNot(int version, Containerd containerd)
      throws Exception {
    try (Pod pod = containerd.pod();
        JvmNode node =
            new JvmNode(
                data,
                flags ->
                    new ContainerFinder(List.of(containerd.socket())).find(Rig.selector(flags)))) {
      Container one = shop(pod, "one", version);
      Container other = shop(pod, "other", version);
      Eventually.eventually("both work", () -> took(one) >= 0 && took(other) >= 0);
      Created delay = node.createIn(one.id(), "delay", DELAY);
      assertNull(delay.failure());
      Eventually.eventually("it waits", () -> took(one) >= 295);
      Eventually.eventually("the other does not", () -> took(other) >= 0 && took(other) < 295);
      assertEquals(List.of(), left(one));
      assertEquals(Status.DESTROYED, node.destroy(delay.experiment()).status());
      Eventually.eventually("it waits no more", () -> took(one) >= 0 && took(one) < 295);
      Created again = node.createIn(one.id(), "delay", DELAY);
      assertNull(again.failure());
      one.stop();
      Eventually.eventually("gone", () -> node.now(again.experiment()).status() == Status.ERROR);
      Eventually.eventually(
          "revoked",
          () ->
              node.preparations
                  .list(new PreparationQuery(null, null, 0, 10, false))
                  .getFirst()
                  .error()
                  .startsWith("target-gone"));
    }
  }

  private static Container shop(Pod pod, String name, int version) {
    return shop(pod, name, version, "mkdir -p /tmp", "/tmp/price");
  }

  /**
   * A JVM in a container that has nothing else of this node but the JDK and its libraries.
   *
   * @param before what a shell does before it
   * @param result the file that it writes
   */
  static Container shop(Pod pod, String name, int version, String before, String result) {
    Path home = TargetJvm.home(version);
    Map<String, Path> volumes =
        new HashMap<>(
            Map.of(
                "/usr/lib", Path.of("/usr/lib"),
                "/lib", Path.of("/usr/lib"),
                "/lib64", Path.of("/usr/lib64"),
                "/app", TargetJvm.classes()));
    if (!home.startsWith("/usr/lib")) {
      volumes.put(home.toString(), home);
    }
    return pod.container(
        new Wish(name, volumes, 0, 0),
        "/bin/sh",
        "-c",
        before
            + "; exec "
            + TargetJvm.java(version)
            + " -Xmx32m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp /app Shop "
            + result);
  }

  /** Milliseconds of the last call; negative before the first. */
  private static long took(Container container) {
    try {
      String text =
          Files.readString(Path.of("/proc/" + container.pid() + "/root/tmp/price")).strip();
      return Long.parseLong(text.substring(text.lastIndexOf(' ') + 1));
    } catch (IOException | NumberFormatException notYet) {
      return -1;
    }
  }

  private static List<String> left(Container container) throws IOException {
    try (Stream<Path> names = Files.list(Path.of("/proc/" + container.pid() + "/root/tmp"))) {
      return names
          .map(name -> name.getFileName().toString())
          .filter(name -> name.startsWith(".faultd-"))
          .toList();
    }
  }
}
