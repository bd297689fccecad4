package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsReaderTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"http://my_svc:80/", "http://a:65536/", "http://a:0/", "ftp://a/"})
  void whoseServerCannotBeCalledIsNoAddressForCallbacks(String address) {
    String refusal = refusal(Map.of("callbacks.allow", address), Map.of(), Map.of(), null);
    assertTrue(refusal.startsWith("callbacks.allow: ") && refusal.endsWith(address), refusal);
  }

  @Test
  void withoutAnythingTheDefaultsHold() {
    Settings settings = read(Map.of(), Map.of(), Map.of(), null);
    assertEquals(new Settings.Listener("127.0.0.1", 9000), settings.http());
    assertEquals(new Settings.Listener("127.0.0.1", 9001), settings.grpc());
    assertNull(settings.security().token());
    assertNull(settings.hosts());
    assertNull(settings.socket());
    assertEquals(Path.of("/var/lib/faultd"), settings.data().dir());
    assertFalse(settings.data().ephemeral());
    assertEquals(Path.of("/run/faultd/lock"), settings.node().lock());
    assertFalse(settings.node().name().isEmpty());
    assertEquals(Settings.Recovery.ROLLBACK, settings.recovery());
    assertEquals(new Settings.Limits(Duration.ofSeconds(60), 256, null, false), settings.limits());
    assertEquals(List.of(), settings.callbacks());
    assertEquals(Duration.ofDays(30), settings.retention());
  }

  @Test
  void aFileOrSpecsThatOthersCanChangeAreRefused() throws IOException {
    Path file = file("security: {token: x}");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    StartException refusal =
        assertThrows(StartException.class, () -> read(Map.of(), Map.of(), Map.of(), file));
    assertEquals(
        "--config: "
            + file
            + " can be written by every user; it must be one that only root can"
            + " change",
        refusal.getMessage());
    Path specs = Files.createDirectory(file.resolveSibling("specs"));
    SecretFile.trustedFolder(Setting.SPECS_DIR, specs);
    Path spec = Files.writeString(specs.resolve("x.yaml"), "");
    Files.setPosixFilePermissions(spec, PosixFilePermissions.fromString("rw-rw-rw-"));
    refusal =
        assertThrows(
            StartException.class, () -> SecretFile.trustedFolder(Setting.SPECS_DIR, specs));
    assertTrue(String.valueOf(refusal.getMessage()).startsWith("specs.dir: " + spec));
  }

  @Test
  void aTokenIsReadWithoutTheLineEndOfTheSecretThatItComesFrom() throws IOException {
    Map<String, String> secret = Map.of("FAULTD_TOKEN", "s3cret\n");
    assertEquals("s3cret", read(Map.of(), Map.of(), secret, null).security().token());
    Path file = file("security: {token: \" s3cret\\r\\n\"}");
    assertEquals("s3cret", read(Map.of(), Map.of(), Map.of(), file).security().token());
    String message = refusal(Map.of(), Map.of(), Map.of("FAULTD_TOKEN", "\n"), null);
    assertTrue(message.contains("FAULTD_TOKEN"), message);
  }

  @Test
  void theNearerSourceWins() throws IOException {
    Path file =
        file("server: {http: {port: 1}, grpc: {port: 1}}\ndata: {dir: /1}\nnode: {name: a}");
    Map<String, String> environment = new HashMap<>();
    environment.put("FAULTD_SERVER_HTTP_PORT", "2");
    environment.put("FAULTD_SERVER_GRPC_PORT", "2");
    environment.put("FAULTD_DATA_DIR", "/2");
    Map<String, String> properties =
        Map.of("faultd.server.http.port", "3", "faultd.server.grpc.port", "3");
    Settings settings = read(Map.of("server.http.port", "4"), properties, environment, file);
    assertEquals(4, settings.http().port());
    assertEquals(3, settings.grpc().port());
    assertEquals(Path.of("/2"), settings.data().dir());
    assertEquals("a", settings.node().name());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server: {http: {prot: 1}}   | server.http.prot    | did you mean server.http.port?",
        "bogus: 1                    | bogus               | there are",
        "server: {http: {port: x}}   | server.http.port    | 0 to 65535",
        "server: {http: {port: 65536}}| server.http.port   | 0 to 65535",
        "data: {ephemeral: maybe}    | data.ephemeral      | true or false",
        "recovery: restart           | recovery            | rollback or resume",
        "inject: {limit: soon}       | inject.limit        | time span",
        "limits: {experiments: 0}    | limits.experiments  | from 1",
        "server: 3                   | server              | no such setting",
        "server: {hosts: {a: b}}     | server.hosts.a      | no such setting",
        "a: [                        | settings file       | cannot be read",
      })
  void aWrongFileIsNamedWithKeyAndWhatWouldBeRight(String text, String key, String right)
      throws IOException {
    Path file = file(text);
    String message = refusal(Map.of(), Map.of(), Map.of(), file);
    assertTrue(message.contains(key), message);
    assertTrue(message.contains(right), message);
    assertTrue(message.contains(file.toString()), message);
    assertFalse(message.contains("\n"), message);
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    String message = refusal(Map.of(), Map.of(), Map.of(), folder.resolve("none.yaml"));
    assertTrue(message.contains("none.yaml"), message);
  }

  @Test
  void wrongValuesAreNamedWithTheirSource() {
    String variable = refusal(Map.of(), Map.of(), Map.of("FAULTD_DATA_EPHEMERAL", "1"), null);
    assertTrue(variable.contains("FAULTD_DATA_EPHEMERAL"), variable);
    String property = refusal(Map.of(), Map.of("faultd.server.http.port", "x"), Map.of(), null);
    assertTrue(property.contains("server.http.port as system property (-D"), property);
    String argument = refusal(Map.of("server.http.port", "99999"), Map.of(), Map.of(), null);
    assertTrue(argument.contains("on the command line"), argument);
  }

  @Test
  void anUnknownSystemPropertyIsRefused() {
    String message = refusal(Map.of(), Map.of("faultd.limitz.experiments", "1"), Map.of(), null);
    assertTrue(message.contains("limitz.experiments as system property"), message);
    assertTrue(message.contains("did you mean limits.experiments?"), message);
    assertEquals(9000, read(Map.of(), Map.of("faultdx", "1"), Map.of(), null).http().port());
  }

  @Test
  void anUnknownVariableIsNoMoreThanAWarning() {
    // Kubernetes injects such for a service named faultd
    Settings settings =
        read(Map.of(), Map.of(), Map.of("FAULTD_PORT_9000_TCP_ADDR", "10.0.0.1"), null);
    assertEquals(9000, settings.http().port());
  }

  @Test
  void tokensComeFromThreePlaces() throws IOException {
    assertEquals(
        "t", read(Map.of(), Map.of(), Map.of("FAULTD_TOKEN", "t"), null).security().token());
    assertEquals(
        "t",
        read(Map.of(), Map.of("faultd.security.token", "t"), Map.of(), null).security().token());
    Path token = Files.writeString(folder.resolve("token"), "from file\n");
    Map<String, String> argument = Map.of("security.token-file", token.toString());
    assertEquals("from file", read(argument, Map.of(), Map.of(), null).security().token());
    assertTrue(refusal(argument, Map.of(), Map.of("FAULTD_TOKEN", "t"), null).contains("set one"));
    Files.writeString(token, "\n");
    assertTrue(refusal(argument, Map.of(), Map.of(), null).contains("is empty"));
    Files.delete(token);
    assertTrue(refusal(argument, Map.of(), Map.of(), null).contains("cannot read"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "security: {token: *s3cret}",
        "security: {token: s3cret role: x}",
        "security: {token:s3cret}",
        "security:\n  token: [s3cret\n"
      })
  void whatIsWrongInAFileIsToldWithoutWhatStandsThere(String text) throws IOException {
    Path file = file(text);
    StartException refusal =
        assertThrows(StartException.class, () -> read(Map.of(), Map.of(), Map.of(), file));
    for (Throwable each = refusal; each != null; each = each.getCause()) {
      assertFalse(String.valueOf(each.getMessage()).contains("s3cret"), each.toString());
    }
  }

  @Test
  void noNamesOfHostsAreNotAllNames() {
    for (String none : List.of("", " ", ",")) {
      assertNull(read(Map.of(), Map.of(), Map.of("FAULTD_SERVER_HOSTS", none), null).hosts(), none);
    }
  }

  @Test
  void twoVariablesForATokenMayNotDiffer() {
    Map<String, String> both = Map.of("FAULTD_TOKEN", "one", "FAULTD_SECURITY_TOKEN", "one");
    assertEquals("one", read(Map.of(), Map.of(), both, null).security().token());
    Map<String, String> differ = Map.of("FAULTD_TOKEN", "one", "FAULTD_SECURITY_TOKEN", "two");
    String refusal = refusal(Map.of(), Map.of(), differ, null);
    assertTrue(refusal.contains("FAULTD_SECURITY_TOKEN") && !refusal.contains("two"), refusal);
  }

  @Test
  void aTokenIsNeverShown() {
    String shown = read(Map.of("security.token", "hunter2"), Map.of(), Map.of(), null).toString();
    assertFalse(shown.contains("hunter2"), shown);
  }

  @Test
  void listsAreYamlOrTextAndReplaceEachOther() throws IOException {
    Path file = file("server: {hosts: [a, b, c]}");
    assertEquals(List.of("a", "b", "c"), read(Map.of(), Map.of(), Map.of(), file).hosts());
    Map<String, String> variable = Map.of("FAULTD_SERVER_HOSTS", "x, y");
    assertEquals(List.of("x", "y"), read(Map.of(), Map.of(), variable, file).hosts());
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("faultd.yaml"), text);
  }

  private static String refusal(
      Map<String, String> arguments,
      Map<String, String> properties,
      Map<String, String> environment,
      @Nullable Path file) {
    return String.valueOf(
        assertThrows(StartException.class, () -> read(arguments, properties, environment, file))
            .getMessage());
  }

  private static Settings read(
      Map<String, String> arguments,
      Map<String, String> properties,
      Map<String, String> environment,
      @Nullable Path file) {
    Properties system = new Properties();
    system.putAll(properties);
    return new SettingsReader(environment, system).read(arguments, file);
  }
}
