package io.faultd.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command line reads of the specs is what the daemon reads of them. */
class OutlineTest {
  @Test
  void everyActionIsAsTheDaemonReadsIt() {
    Outline outline = Outline.load();
    List<Outline.Action> expected =
        Specs.load(null).all().stream()
            .map(spec ->
                new Outline.Action(
                    spec.target(),
                    spec.action(),
                    spec.aliases(),
                    spec.desc(),
                    spec.scopes(),
                    spec.flags()))
            .toList();
    List<Outline.Action> read =
        outline.targets().stream()
            .flatMap(target ->
                outline.actions(target).stream().sorted((a, b) -> a.name().compareTo(b.name())))
            .toList();
    assertEquals(expected, read);
  }

  @Test
  void whatANodeAddsAndReplacesIsReadToo(@TempDir Path folder) throws Exception {
    Files.writeString(
        folder.resolve("x.yaml"),
        """
        target: cpu
        desc: Not taken, for the target is there
        actions:
          - action: fullload
            desc: As this node has it.
            flags:
              - {name: how, desc: How, type: text, required: true}
          - action: doom
            desc: Of this node only.
        """);
    Files.writeString(
        folder.resolve("y.yaml"),
        "target: moon\ndesc: New.\nscopes: [host]\nactions: [{action: eclipse, desc: Dark.}]\n");
    Outline own = Outline.load();
    Outline outline = Outline.load(folder);
    Outline.Target cpu = outline.target("cpu").orElseThrow();
    assertEquals(own.target("cpu").orElseThrow().desc(), cpu.desc());
    assertEquals(
        List.of("doom: Of this node only.", "fullload: As this node has it."),
        outline.actions(cpu).stream().map(a -> a.name() + ": " + a.desc()).sorted().toList());
    Outline.Target moon = outline.target("moon").orElseThrow();
    assertEquals("eclipse", outline.actions(moon).getFirst().name());
    assertEquals(own.targets().size() + 1, outline.targets().size());
    Files.writeString(folder.resolve("z.yaml"), "target: [");
    SpecException refusal = assertThrows(SpecException.class, () -> Outline.load(folder));
    assertTrue(String.valueOf(refusal.getMessage()).contains("z.yaml: is not YAML"));
  }

  @Test
  void aTargetIsFoundByItsAliases() {
    Outline outline = Outline.load();
    Specs.load(null)
        .all()
        .forEach(spec ->
            spec.targetAliases()
                .forEach(alias ->
                    assertEquals(spec.target(), outline.target(alias).orElseThrow().name())));
    assertEquals("cpu", outline.target("cpu").orElseThrow().name());
  }
}
