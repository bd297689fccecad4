package io.faultd.e2e;

import io.faultd.testing.Requires;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description of the REST interface is OpenAPI, for a linter that others made. */
class RedoclyLintTest {
  @TempDir Path folder;

  @Test
  @Requires("root")
  void theDescriptionIsValid() throws Exception {
    Path programs = Tool.installed(Path.of("src", "e2e", "redocly", "package.json"), folder);
    Tool.run(
        folder,
        Map.of("REDOCLY_TELEMETRY", "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"),
        programs.resolve("redocly").toString(),
        "lint",
        "--extends=spec",
        Tool.ROOT.resolve("src/daemon/main/resources/openapi.yaml").toString());
  }
}
