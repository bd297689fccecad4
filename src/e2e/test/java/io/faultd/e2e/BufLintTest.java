package io.faultd.e2e;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract of the gRPC interface passes its linter, and breaks no client. */
@Requires("root")
class BufLintTest {
  private static final Path PROTO = Tool.ROOT.resolve("proto");
  private static final Path BUF = Path.of("src", "e2e", "buf");

  @TempDir Path folder;
  private String buf;

  @BeforeEach
  void install() throws Exception {
    buf = Tool.installed(BUF.resolve("package.json"), folder).resolve("buf").toString();
  }

  @Test
  void theContractHasNothingToCriticise() throws Exception {
    Tool.run(folder, Map.of(), buf, "lint", PROTO.toString());
  }

  /** With each release its contract becomes the one of the folder. */
  @Test
  void theContractBreaksNoClientOfTheLastRelease() throws Exception {
    unbroken(PROTO);
    Path changed = folder.resolve("changed/faultd/v1/faultd.proto");
    Files.createDirectories(changed.getParent());
    Files.copy(PROTO.resolve("buf.yaml"), folder.resolve("changed/buf.yaml"));
    String contract = Files.readString(PROTO.resolve("faultd/v1/faultd.proto"));
    Files.writeString(changed, contract.replace("int32 page_size = 8;", "int64 page_size = 8;"));
    AssertionError broken =
        assertThrows(AssertionError.class, () -> unbroken(folder.resolve("changed")));
    assertTrue(broken.getMessage().contains("page_size"), broken.getMessage());
  }

  private void unbroken(Path contract) throws Exception {
    String last = Tool.ROOT.resolve(BUF).resolve("0.1").toString();
    Tool.run(folder, Map.of(), buf, "breaking", contract.toString(), "--against", last);
  }
}
