package io.faultd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.access.Grant;
import io.faultd.access.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokensFileTest {
  @TempDir private Path folder;

  private List<Grant> read(String yaml) throws Exception {
    return TokensFile.read(Files.writeString(folder.resolve("tokens.yaml"), yaml));
  }

  @Test
  void saysWhoMayDoWhat() throws Exception {
    List<Grant> grants =
        read(
            """
            tokens:
              - name: ci
                token: s3cret
                role: operator
                scopes: [host]
                targets: [cpu, network]
              - {name: hashed, sha256: '%s', role: viewer}
              - {name: platform, certificate: chaos.example.org, role: admin, targets: "file, jvm"}
            """
                .formatted("00".repeat(32)));
    assertEquals(List.of("ci", "hashed", "platform"), grants.stream().map(Grant::name).toList());
    assertArrayEquals(Grant.digest("s3cret"), grants.getFirst().digest());
    assertEquals(Set.of("cpu", "network"), grants.getFirst().targets());
    assertEquals(Set.of("host"), grants.getFirst().scopes());
    assertArrayEquals(new byte[32], grants.get(1).digest());
    assertEquals(Role.VIEWER, grants.get(1).role());
    assertEquals(Set.of(), grants.get(1).targets());
    assertEquals("chaos.example.org", grants.get(2).certificate());
    assertEquals(Set.of("file", "jvm"), grants.get(2).targets());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|no entry",
        "tokens: []|no entry",
        "tokens: [{token: x, role: admin}]|has no name",
        "tokens: [{name: a, role: admin}]|one of token, sha256",
        "tokens: [{name: a, token: x, sha256: y, role: admin}]|one of token, sha256",
        "tokens: [{name: a, sha256: abc, role: admin}]|64 hexadecimal digits",
        "tokens: [{name: a, token: x}]|viewer, operator or admin",
        "tokens: [{name: a, token: x, role: root}]|viewer, operator or admin",
        "tokens: [{name: a, token: x, role: admin, target: cpu}]|did you mean targets?",
        "tokens: [{name: a, token: x, role: admin, targets: ''}]|leave it out to allow all",
        "tokens: [{name: a, token: x, role: viewer}, {name: a, token: y, role: viewer}]|two"
            + " entries",
        "tokens: [{name: a, token: x, role: admin, scopes: [docker]}]|there are cri, host",
        "tokens: [{name: a, token: x, role: admin, scopes: [hosts]}]|did you mean host?",
        "tokens: [{name: Root, token: x, role: viewer}]|name Root",
        "tokens: [{name: faultd, token: x, role: viewer}]|name faultd",
        "tokens: [|cannot be read"
      })
  void namesWhatIsWrong(String yaml, String message) {
    StartException refusal = assertThrows(StartException.class, () -> read(yaml));
    assertTrue(String.valueOf(refusal.getMessage()).contains(message), refusal.toString());
    assertTrue(String.valueOf(refusal.getMessage()).contains("tokens"), refusal.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokens: [{name: a, token: s3cret role: admin, x: y}]",
        "tokens: [{name: a, token: s3cret role: admin]",
        "tokens: [{name: a, token:s3cret, role: admin}]",
        "tokens: [{name: a, s3cret, role: admin}]",
        "tokens:\n  - name: a\n    token: s3cret\n   role: admin",
        "tokens: [{name: a, token: s3cret, role: s3cret}]",
        "tokens: [{name: a, sha256: s3cret, role: admin}]",
      })
  void aTokenIsNeverShown(String yaml) {
    StartException refusal = assertThrows(StartException.class, () -> read(yaml));
    for (Throwable each = refusal; each != null; each = each.getCause()) {
      assertFalse(String.valueOf(each.getMessage()).contains("s3cret"), each.toString());
    }
  }

  @Test
  void whatIsNoYamlIsNamedByItsLine() {
    StartException refusal =
        assertThrows(StartException.class, () -> read("tokens:\n  - name: a\n   role: admin\n"));
    assertTrue(String.valueOf(refusal.getMessage()).contains("line 3, column"), refusal.toString());
  }

  @Test
  void targetsThatNobodyKnowsAreTold() throws Exception {
    List<Grant> grants = read("tokens: [{name: a, token: x, role: admin, targets: [cpu, netwrk]}]");
    assertEquals(
        List.of("a: there is no target netwrk; did you mean network?"),
        TokensFile.unknown(grants, Set.of("cpu", "network")));
  }

  @Test
  void oneThatIsNotThereIsNamed() {
    StartException refusal =
        assertThrows(StartException.class, () -> TokensFile.read(folder.resolve("absent")));
    assertTrue(String.valueOf(refusal.getMessage()).contains("absent"), refusal.toString());
  }

  @Test
  void oneThatOthersCanChangeIsRefused() throws Exception {
    read("tokens: [{name: a, token: x, role: admin}]");
    Path file = folder.resolve("tokens.yaml");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertRefused(file, "can be written by every user");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertEquals(1, TokensFile.read(file).size());
    Files.setAttribute(file, "unix:uid", 4711);
    assertRefused(file, "belongs to user 4711");
  }

  private static void assertRefused(Path file, String flaw) {
    StartException refusal = assertThrows(StartException.class, () -> TokensFile.read(file));
    assertEquals(
        "security.tokens-file: %s %s; it must be one that only root can change"
            .formatted(file, flaw),
        refusal.getMessage());
  }
}
