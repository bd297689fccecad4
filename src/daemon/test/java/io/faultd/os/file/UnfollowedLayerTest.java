package io.faultd.os.file;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Target;
import io.faultd.linux.ns.Interior;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers of containers that their runtime starts again and that we cannot follow. */
@Requires("root")
class UnfollowedLayerTest extends FileTest {
  private static final Pattern ROOT = Pattern.compile(" / / \\S+ - overlay ");

  /** Something like a container, its layer on a file system that it alone sees, or not. */
  private Victim container(boolean seen) throws Exception {
    Path upper = Files.createDirectories(temporary.resolve("upper"));
    String script =
        """
        [ $1 = true ] || mount -t tmpfs tmpfs $0
        mkdir $0/changed $0/work $0/root
        mount -t overlay -o lowerdir=/,upperdir=$0/changed,workdir=$0/work overlay $0/root
        cd $0/root
        mkdir old
        pivot_root . old
        exec sh -c 'read line'
        """;
    Victim victim =
        Victim.started(
            "sh",
            "-c",
            "exec unshare --mount sh -ec \"$0\" \"$@\"",
            script,
            upper.toString(),
            "" + seen);
    Path mounts = Path.of("/proc", "" + victim.pid(), "mountinfo");
    eventually("it runs", () -> ROOT.matcher(Files.readString(mounts)).find());
    return victim;
  }

  private List<String> warnings(boolean seen, boolean restarts) throws Exception {
    try (Victim victim = container(seen)) {
      FileTrial trial = matrix.trial("unfollowed");
      Interior inside = Interior.of(victim.identity(), Procfs.HOST, restarts);
      Target target = new Target.Container("" + victim.pid(), "far", inside, () -> {});
      trial.target = target;
      try (target) {
        new FileChmod().inject(new FileChmod.Params("/etc/passwd", 0400), trial);
        trial.destroy(false);
      }
      return trial.warnings;
    }
  }

  @Test
  void isWarnedOfFromTheStart() throws Exception {
    String warning = warnings(false, true).getFirst();
    String layer = "overlay " + temporary.resolve("upper/changed");
    assertTrue(
        warning.startsWith("filepath: is in a layer that is not followed (" + layer), warning);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isNoneIfItIsSeenOrEndsWithItsContainer(boolean seen) throws Exception {
    assertEquals(List.of(), warnings(seen, seen));
  }
}
