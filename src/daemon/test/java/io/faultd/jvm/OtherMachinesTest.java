package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java that is not HotSpot's, told by the libraries that it has mapped. */
@Requires("root")
class OtherMachinesTest {
  /** OpenJ9 has a library of HotSpot's name, too. */
  @ParameterizedTest
  @ValueSource(strings = {"libj9vm29.so", "libjvm.so libj9vm29.so", "libj9vm29.so libjvm.so"})
  void openJ9IsRefusedAndLives(String libraries, @TempDir Path folder) throws Exception {
    StringBuilder preload = new StringBuilder();
    for (String library : libraries.split(" ", -1)) {
      Path copy = folder.resolve(library);
      Files.copy(Path.of("/lib/x86_64-linux-gnu/libutil.so.1"), copy);
      preload.append(copy).append(' ');
    }
    ProcessBuilder builder = new ProcessBuilder("sleep", "1000");
    builder.environment().put("LD_PRELOAD", preload.toString().strip());
    Process other = builder.start();
    try {
      int pid = (int) other.pid();
      Jvms jvms = new Jvms(Procfs.HOST, jvm -> false);
      Eventually.eventually(
          "mapped", () -> jvms.all().stream().anyMatch(each -> each.pid() == pid));
      JvmProcess jvm = jvms.find(null, pid, new Target.Host());
      FaultException refusal =
          assertThrows(
              FaultException.class,
              () -> AgentLink.open(jvm, "0a0b0c0d", Procfs.HOST, Duration.ofSeconds(10)));
      assertEquals(Reason.UNSUPPORTED, refusal.reason());
      assertTrue(refusal.getMessage().contains("OpenJ9"), refusal.getMessage());
      assertTrue(other.isAlive());
    } finally {
      other.destroyForcibly().waitFor();
    }
  }
}
