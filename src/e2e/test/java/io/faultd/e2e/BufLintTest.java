package io.faultd.e2e;

import io.faultd.testing.Requires;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract of the gRPC interface passes its linter. */
class BufLintTest {
  @TempDir Path folder;

  @Test
  @Requires("root")
  void theContractHasNothingToCriticise() throws Exception {
    Path programs = Tool.installed(Path.of("src", "e2e", "buf", "package.json"), folder);
    String buf = programs.resolve("buf").toString();
    Tool.run(folder, Map.of(), buf, "lint", Tool.ROOT.resolve("proto").toString());
  }
}
