package io.faultd.e2e;

import io.faultd.testing.Requires;
import java.nio.file.Files;
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
    Path list = Path.of("src", "e2e", "buf", "package.json");
    Files.copy(Tool.ROOT.resolve(list), folder.resolve("package.json"));
    // the tests may have a network of their own; Maven, whose child we are, has that of the machine
    long maven = ProcessHandle.current().parent().orElseThrow().pid();
    Tool.run(
        folder,
        Map.of("npm_config_cache", folder.resolve("cache").toString()),
        "nsenter",
        "--net=/proc/" + maven + "/ns/net",
        "npm",
        "install",
        "--no-audit",
        "--no-fund");
    String buf = folder.resolve("node_modules/.bin/buf").toString();
    Tool.run(folder, Map.of(), buf, "lint", Tool.ROOT.resolve("proto").toString());
  }
}
