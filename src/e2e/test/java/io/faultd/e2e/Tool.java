package io.faultd.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs programs that tests need. */
final class Tool {
  /** The folder of the repository. */
  static final Path ROOT = Path.of(System.getProperty("faultd.root"));

  private Tool() {}

  /** Runs a program to its end, which must be a good one; gives what it wrote. */
  static String run(Path folder, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "output", "");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    int code = builder.start().waitFor();
    String text = Files.readString(output);
    assertEquals(0, code, () -> List.of(command) + ": " + text);
    return text;
  }

  /**
   * Maven, whose child we are, has the network of the machine; the tests may have one of their own.
   */
  static long maven() {
    return ProcessHandle.current().parent().orElseThrow().pid();
  }

  /** Installs what a package.json of ours names, below a folder; gives where its programs are. */
  static Path installed(Path list, Path folder) throws IOException, InterruptedException {
    Files.copy(ROOT.resolve(list), folder.resolve("package.json"));
    run(
        folder,
        Map.of("npm_config_cache", folder.resolve("cache").toString()),
        "nsenter",
        "--net=/proc/" + maven() + "/ns/net",
        "npm",
        "install",
        "--no-audit",
        "--no-fund");
    return folder.resolve("node_modules/.bin");
  }
}
