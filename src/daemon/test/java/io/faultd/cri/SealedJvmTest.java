package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.JvmImage;
import io.faultd.testing.Pod;
import io.faultd.testing.Wish;
import io.faultd.testing.WithContainerd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * JVMs of an image with nothing else, another user's, with pids, mounts and a network of their own,
 * behind a root that is read-only: every action on them.
 */
@WithContainerd
class SealedJvmTest {
  private static final int USER = 31_000;

  @TempDir Path data;
  @TempDir Path temporary;

  @BeforeEach
  void open() throws Exception {
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  private Container sealed(Pod pod, String image, Map<String, Path> volumes) {
    return pod.container(
        Wish.of("shop", image).as(USER).sealed(volumes), JvmImage.command().toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 25})
  void everyActionWorksAndLeavesNothing(int version, Containerd containerd) throws Exception {
    String image = JvmImage.load(containerd, version);
    try (Pod pod = containerd.pod("sealed-" + version, false);
        Rig rig = new Rig(containerd, data)) {
      Container shop = sealed(pod, image, Map.of("/tmp", temporary));
      Eventually.eventually("it works", () -> Files.exists(shop.file("/tmp/shop")));
      for (String each : List.of("pid", "mnt", "net")) {
        assertFalse(
            Files.readSymbolicLink(Path.of("/proc/" + shop.pid() + "/ns/" + each))
                .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/" + each))),
            each);
      }
      assertEquals(USER, Files.getAttribute(shop.file("/tmp/shop"), "unix:uid"));
      everyAction(rig, shop);
      assertEquals(List.of(), left(shop));
    }
  }

  private static void everyAction(Rig rig, Container shop) throws Exception {
    for (Harm harm : Harm.all().stream().filter(it -> it.in() == Harm.Kind.JVM).toList()) {
      String uid = rig.succeed(shop, harm.target(), harm.action().split(" ", -1)[1], harm.words());
      Eventually.eventually(harm + " is seen", () -> harm.done().of(shop));
      rig.destroy(uid);
      Eventually.eventually(harm + " is over", () -> harm.stays() || !harm.done().of(shop));
    }
  }

  private static String mounts(Container container) throws Exception {
    return Files.readString(Path.of("/proc/" + container.pid() + "/mountinfo"));
  }

  @ParameterizedTest
  @CsvSource({"17, ''", "25, ''", "25, hsperfdata_root"})
  void everyActionWorksWhereNothingCanBeWrittenToTmp(
      int version, String inTmp, Containerd containerd) throws Exception {
    String image = JvmImage.load(containerd, version, inTmp.isEmpty() ? List.of() : List.of(inTmp));
    try (Pod pod = containerd.pod("shut-" + version + inTmp.length(), false)) {
      Container shop = shut(pod, image, JvmImage.command("/out/shop"));
      String mounts = mounts(shop);
      for (int daemon = 0; daemon < 2; daemon++) { // a second attach after the first
        try (Rig rig = new Rig(containerd, data)) {
          everyAction(rig, shop);
          assertEquals(mounts, mounts(shop));
          assertEquals(inTmp.isEmpty() ? List.of() : List.of(inTmp), inTmp(shop));
        }
        assertEquals(mounts, mounts(shop));
      }
    }
  }

  private Container shut(Pod pod, String image, List<String> command) throws Exception {
    Container shop =
        pod.container(
            Wish.of("shop", image).as(USER).sealed(Map.of("/out", temporary)),
            command.toArray(String[]::new));
    Eventually.eventually("it works", () -> Files.exists(temporary.resolve("shop")));
    return shop;
  }

  @Test
  void whatCannotBeCoveredIsRefusedAndNothingIsLeft(Containerd containerd) throws Exception {
    String image = JvmImage.load(containerd, 25);
    Path other = Files.createDirectory(temporary.resolve("other"));
    try (Pod pod = containerd.pod();
        Rig rig = new Rig(containerd, data)) {
      Container shop =
          pod.container(
              Wish.of("shop", image)
                  .as(USER)
                  .sealed(Map.of("/out", temporary, "/tmp/other", other)),
              JvmImage.command("/out/shop").toArray(String[]::new));
      Eventually.eventually("it works", () -> Files.exists(temporary.resolve("shop")));
      String mounts = mounts(shop);
      FaultException e =
          rig.refused(
              Reason.UNSUPPORTED,
              shop,
              "jvm",
              "delay",
              "process",
              "Shop",
              "classname",
              "Shop",
              "methodname",
              "price",
              "time",
              "10");
      assertTrue(String.valueOf(e.getMessage()).contains("would be hidden"), e.getMessage());
      assertEquals(mounts, mounts(shop));
      assertEquals(List.of("other"), inTmp(shop));
    }
  }

  private static List<String> inTmp(Container container) throws Exception {
    try (Stream<Path> names = Files.list(container.file("/tmp"))) {
      return names.map(name -> name.getFileName().toString()).toList();
    }
  }

  private static List<String> left(Container container) throws Exception {
    return inTmp(container).stream()
        .filter(name -> name.startsWith(".faultd-") || name.startsWith(".attach_pid"))
        .toList();
  }
}
