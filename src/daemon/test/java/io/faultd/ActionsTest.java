package io.faultd;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Specs that are refused before anything listens. */
class ActionsTest {
  @TempDir private Path folder;

  private void start(String need) throws Exception {
    String flags =
        Files.readString(Path.of(System.getProperty("faultd.root"), "specs/os/process.yaml"));
    int action = flags.indexOf("- action: stop");
    Files.writeString(
        folder.resolve("process.yaml"),
        flags
                .substring(0, flags.indexOf("actions:"))
                .replaceFirst("target: process", "target: victim")
            + "actions:\n  "
            + flags.substring(action).replaceFirst("needs: \\[.*]", "needs: [" + need + "]"));
    Settings settings =
        new SettingsReader(Map.of(), new Properties())
            .read(Map.of("specs.dir", folder.toString()), null);
    new Daemon(settings, new Parts(settings, Groundwork.begin())).close();
  }

  @Test
  void aNeedThatNobodyLooksForIsNamed() throws Exception {
    StartException refusal = assertThrows(StartException.class, () -> start("rooot"));
    String message = String.valueOf(refusal.getMessage());
    assertTrue(message.contains("victim stop needs rooot"), message);
    assertTrue(message.contains("did you mean root?"), message);
    start("root");
  }
}
