package io.faultd.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.CommandSpec;

/** The script for shells, read by real ones. */
class CompletionTest {
  @TempDir Path folder;

  @BeforeEach
  void write() throws Exception {
    write(Map.of());
  }

  private void write(Map<String, String> environment) throws Exception {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new Client(
                () ->
                    CommandSpec.create()
                        .name("faultd")
                        .addSubcommand("serve", CommandSpec.create()),
                (process, signal) -> {},
                environment,
                new PrintWriter(out),
                new PrintWriter(err))
            .run("completion", "bash");
    assertEquals(0, code, err::toString);
    Files.writeString(folder.resolve("script"), out.toString());
  }

  @Test
  void commandsTargetsActionsFlagsAndValuesAreCompleted() throws Exception {
    assertTrue(completed("faultd", "").containsAll(List.of("serve", "create", "run", "status")));
    assertTrue(completed("faultd", "create", "").containsAll(List.of("cpu", "file", "jvm")));
    assertEquals(List.of("process"), completed("faultd", "run", "pro"));
    assertTrue(completed("faultd", "create", "process", "").containsAll(List.of("stop", "kill")));
    assertEquals(
        List.of("--cpu-percent"), completed("faultd", "create", "cpu", "fullload", "--cpu-p"));
    assertEquals(List.of("--verdict"), completed("faultd", "run", "cpu", "fullload", "--ver"));
    assertEquals(
        List.of("containerd", "cri", "cri-o", "docker"),
        completed("faultd", "create", "cpu", "fullload", "--container-runtime", ""));
    assertEquals(List.of("json"), completed("faultd", "status", "-o", "j"));
  }

  @Test
  void valuesThatAShellWouldDoSomethingWithAreNotInTheScript() throws Exception {
    Path touched = folder.resolve("touched");
    Path specs = Files.createDirectory(folder.resolve("specs"));
    Files.writeString(
        specs.resolve("moon.yaml"),
        """
        target: moon
        desc: Of one node only
        scopes: [host]
        actions:
          - action: eclipse
            desc: Makes it dark over there.
            flags:
              - name: phase
                desc: Which
                type: text
                values: [new, 'a"$(touch %1$s)"', '$(touch %1$s)']
              - {name: side, desc: Where, type: text, values: [far, near]}
        """
            .formatted(touched));
    write(Map.of("FAULTD_SPECS_DIR", specs.toString()));
    List<String> phases = completed("faultd", "create", "moon", "eclipse", "--phase", "n");
    assertTrue(Files.notExists(touched), "it is a value, and no command");
    assertEquals(List.of(), phases);
    assertEquals(List.of("far"), completed("faultd", "create", "moon", "eclipse", "--side", "f"));
  }

  @Test
  @Requires("zsh")
  void zshCompletesTheSame() throws Exception {
    assertEquals(List.of("kill", "load", "stop"), zsh("faultd", "create", "process", ""));
    assertEquals(List.of("--cpu-percent"), zsh("faultd", "create", "cpu", "fullload", "--cpu-p"));
    assertEquals(List.of("json"), zsh("faultd", "status", "-o", "j"));
  }

  /** What zsh offers, with the options that its bashcompinit calls such a function with. */
  private List<String> zsh(String... words) throws Exception {
    List<String> all =
        offered(
            List.of("zsh", "-f"),
            """
            autoload -Uz compinit
            compinit -D -u
            source "$1"
            [[ $_comps[faultd] == "_bash_complete -F _complete_faultd "* ]] || exit 1
            shift
            emulate sh
            setopt kshglob noshglob braceexpand nullglob
            """,
            words);
    // its own compgen does not look at what the word begins with; zsh does afterwards
    return all.stream().filter(each -> each.startsWith(words[words.length - 1])).toList();
  }

  /** What bash offers for the last word of a line. */
  private List<String> completed(String... words) throws Exception {
    return offered(List.of("bash"), "source \"$1\"\nshift\n", words);
  }

  private List<String> offered(List<String> shell, String begin, String... words) throws Exception {
    String script =
        begin
            + """
            COMP_WORDS=("$@")
            COMP_CWORD=$(($# - 1))
            COMP_LINE="$*"
            COMP_POINT=${#COMP_LINE}
            _complete_faultd
            printf '%s\\n' "${COMPREPLY[@]}"
            """;
    List<String> command = new ArrayList<>(shell);
    command.addAll(List.of("-c", script, "shell", folder.resolve("script").toString()));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).sorted().toList();
  }
}
