package io.faultd.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.spec.Outline;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.CommandSpec;

/** What is understood, and what is refused before anybody is asked. */
class CommandLineTest {
  /** A port that nobody listens on. */
  private static final String NOBODY = "--server=http://127.0.0.1:1";

  @TempDir Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return new Client(
            () -> CommandSpec.create().name("faultd"),
            (process, signal) -> {},
            environment,
            new PrintWriter(out),
            new PrintWriter(err))
        .run(arguments);
  }

  @ParameterizedTest
  @CsvSource({
    "create cpu fullload --cpu-percnt 60, did you mean --cpu-percent?",
    "create cpu fulload, did you mean fullload?",
    "create cpus fullload, did you mean cpu?",
    "create cpu, what to do is missing",
    "create, what to do is missing",
    "create file chmod --mark 600, Missing required option: '--filepath",
    "create cpu fullload --label nonsense, must be NAME=VALUE",
    "create cpu fullload --uid a/b, a uid has 1 to 64",
    "create cpu fullload --async --wait, --wait: does not go with --async",
    "create cpu fullload --wait-timeout soon, --wait-timeout",
    "status --patience soon, --patience",
    "create cpu fullload --server nonsense, --server: must be a URL",
    "create cpu fullload --server ftp://host, --server: must be a URL",
    "status --server http://127.0.0.1:99999, --server: must be a URL",
    "status --server http://127.0.0.1:0, --server: must be a URL",
    "status --server http://127.0.0.1:1#a, --server: must be a URL",
    "create cpu fullload --cpu-count 1 --cpu-count 2, should be specified only once",
    "create cpu fullload -o xml, must be table or json",
    "create cpu fullload --token-file /nowhere, cannot read the token",
    "destroy, say which",
    "destroy --all x, say which",
    "destroy --all --label a=b, say which",
    "destroy --all --force, only goes with UID",
    "destroy .., a uid has 1 to 64",
    "destroy --all --target process, --target: only goes with UID",
    "destroy --label a=b --action stop, --action: only goes with UID",
    "destroy x --action stop, --action: only goes with --target",
    "destroy x --flag pid=1, --flag: only goes with --target",
    "watch, Missing required parameter",
    "watch a b, Unmatched argument",
    "revoke a/b, a uid has 1 to 64",
    "prepare, Missing required parameter",
    "completion fish, must be bash or zsh",
  })
  void whatIsWrongIsRefusedWithTheReason(String line, String reason) {
    assertEquals(1, run(line.split(" ", -1)), err::toString);
    assertTrue(err.toString().contains(reason), err::toString);
    assertEquals("", out.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "run cpu fullload --cpu-percnt 60 -- true, did you mean --cpu-percent?",
    "run cpu fullload, the command is missing",
    "run cpu fullload --, the command is missing",
    "run cpu fullload true, Unmatched argument",
    "run cpu -- true, what to do is missing",
    "run cpu fullload --async -- true, Unknown option",
    "run cpu fullload --timeout 0 -- true, --timeout: must be more than 0",
    "run cpu fullload --timeout 0m0s -- true, --timeout: must be more than 0",
    "run cpu fullload --verdict v --format yaml -- true, must be json or junit",
    "run cpu fullload --format json -- true, only goes with --verdict",
    "run cpu fullload --verdict /nowhere/v.json -- true, cannot be written to /nowhere/v.json",
    "run cpu fullload --verdict / -- true, cannot be written to /: it is a folder",
    "run cpu fullload --server http://127.0.0.1:65536 -- true, --server: must be a URL",
  })
  void runHasAnExitCodeOfItsOwnForWhatIsWrong(String line, String reason) {
    assertEquals(121, run(line.split(" ", -1)), err::toString);
    assertTrue(err.toString().contains(reason), err::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3cret\nanother", "s3cret another", "s3cr\u00e9t", "s3cret\u0000", ""})
  void aTokenThatNoHeaderCanHaveIsRefusedAndNotShown(String token) throws Exception {
    Path file = Files.writeString(folder.resolve("token"), token + "\n");
    assertEquals(1, run("status", "--token-file=" + file, NOBODY));
    assertTrue(err.toString().contains("the token in " + file + " must be"), err::toString);
    assertFalse(err.toString().contains("s3cr"), err::toString);
    assertEquals(1, err.toString().lines().count(), err::toString);
    assertEquals(121, run("run", "cpu", "fullload", "--token-file=" + file, NOBODY, "--", "true"));
    assertFalse(err.toString().contains("s3cr"), err::toString);
  }

  @Test
  void aVariableThatIsEmptyIsNoToken() {
    environment.put("FAULTD_TOKEN", "");
    environment.put("FAULTD_SECURITY_TOKEN_FILE", "");
    assertEquals(4, run("status", NOBODY), err::toString);
    environment.put("FAULTD_TOKEN", "s3cret\ranother");
    assertEquals(1, run("status", NOBODY), err::toString);
    assertFalse(err.toString().contains("s3cret"), err::toString);
  }

  @Test
  void aVariableThatIsEmptyIsNoServer() {
    environment.put("FAULTD_SERVER", "");
    run("status");
    assertFalse(err.toString().contains("must be a URL"), err::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"25d", "36524d"})
  void itMayBeWaitedForLong(String time) {
    String timeout = "--wait-timeout=" + time;
    assertEquals(4, run("create", "cpu", "fullload", "--wait", timeout, NOBODY), err::toString);
    assertEquals(124, run("run", "cpu", "fullload", timeout, NOBODY, "--", "true"));
  }

  @Test
  void anEmptyUidDestroysNothing() {
    assertEquals(1, run("destroy", ""));
    assertTrue(err.toString().contains("a uid has 1 to 64"), err::toString);
  }

  @Test
  void whoIsNotThereIsUnreachable() {
    for (String line :
        List.of(
            "create cpu fullload",
            "destroy x",
            "destroy --all",
            "status",
            "watch x",
            "actions",
            "prepare jvm --pid 1",
            "revoke x")) {
      assertEquals(4, run((line + " " + NOBODY).split(" ", -1)), line);
      assertTrue(err.toString().contains("no answer from http://127.0.0.1:1"), err::toString);
      assertEquals(1, err.toString().lines().count(), err::toString);
    }
    assertEquals(124, run("run", "cpu", "fullload", NOBODY, "--", "true"));
    assertTrue(err.toString().contains("nothing was broken"), err::toString);
    assertEquals(4, run("status", "--server=http://nowhere.invalid:9000"));
  }

  @Test
  void everyActionHasItsFlagsAsOptionsOfCreateAndOfRun() {
    Outline outline = Outline.load();
    for (Outline.Target target : outline.targets()) {
      for (Outline.Action action : outline.actions(target)) {
        for (String verb : List.of("create", "run")) {
          assertEquals(0, run(verb, target.name(), action.name(), "--help"));
          String help = out.toString();
          assertTrue(help.startsWith("Usage: faultd " + verb + " " + target.name()), help);
          assertTrue(help.contains(action.desc().substring(0, 20)), help);
          action
              .flags()
              .forEach(flag -> assertTrue(help.contains("--" + flag.name()), flag.name()));
          assertEquals(action.scopes().contains("cri"), help.contains("--container-id"), help);
        }
      }
    }
  }

  @Test
  void helpTellsTheExitCodes() {
    for (String line : List.of("status --help", "create --help", "create cpu fullload --help")) {
      assertEquals(0, run(line.split(" ", -1)));
      for (Outcome each : Outcome.values()) {
        String told = "  " + each.code() + "   " + each.what();
        assertTrue(out.toString().lines().anyMatch(told::equals), out::toString);
      }
    }
    assertEquals(0, run("run", "cpu", "fullload", "--help"));
    assertTrue(out.toString().contains("  124   unreachable: "), out::toString);
    assertFalse(out.toString().contains("  120 "), out::toString);
    assertTrue(out.toString().endsWith("Any other is the command's own.\n"), out::toString);
  }

  @Test
  void whatANodeHasFromSpecsDirIsKnownToWhoNamesItsFolder() throws Exception {
    Files.writeString(
        folder.resolve("moon.yaml"),
        """
        target: moon
        desc: Of one node only
        scopes: [host]
        actions:
          - action: eclipse
            desc: Makes it dark over there.
            flags: [{name: phase, desc: Which, type: text, required: true}]
        """);
    assertEquals(1, run("create", "moon", "eclipse", NOBODY), "nobody else knows it");
    for (String[] how :
        List.of(
            new String[] {"create", "moon", "eclipse", "--help", "--specs", folder.toString()},
            new String[] {"run", "moon", "eclipse", "--specs=" + folder, "--help"})) {
      assertEquals(0, run(how), err::toString);
      assertTrue(out.toString().contains("Makes it dark over there."), out::toString);
      assertTrue(out.toString().contains("--phase="), out::toString);
    }
    String order = "create moon eclipse --phase=new --specs=" + folder + " " + NOBODY;
    assertEquals(4, run(order.split(" ", -1)), "it is an order that a daemon would be asked for");
    assertEquals(1, run("create", "cpu", "fullload", "--specs=/nowhere", "--help"));
    assertTrue(err.toString().contains("cannot read specs: "), err::toString);
    Files.writeString(folder.resolve("x.yaml"), "target: [");
    assertEquals(1, run("create", "cpu", "fullload", "--specs=" + folder, "--help"));
    assertTrue(err.toString().contains("x.yaml: is not YAML"), err::toString);
    assertEquals(1, err.toString().lines().count(), err::toString);
  }

  @Test
  void helpTellsUnitsRangesDefaultsAndWhatIsRequired() {
    assertEquals(0, run("create", "network", "delay", "--help"));
    assertTrue(out.toString().contains("--time=TIME"), out::toString);
    assertTrue(out.toString().replaceAll("\\s+", " ").contains("[required, ms"), out::toString);
    assertEquals(0, run("create", "cpu", "load", "--help"));
    String help = out.toString().replaceAll("\\s+", " ");
    assertTrue(help.contains("[%, from 0, up to 100, default 100]"), help);
    assertEquals(0, run("create", "--help"));
    assertTrue(out.toString().contains("Targets:"), out::toString);
    assertFalse(out.toString().contains("fullload"), out::toString);
    assertEquals(0, run("create", "cpu", "--help"));
    assertTrue(out.toString().contains("fullload, fl, load"), out::toString);
  }
}
