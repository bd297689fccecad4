package io.faultd.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecsTest {

  @Test
  void readsAFileToTheLetter() {
    ActionSpec spec = Specs.of(Map.of("s.yaml", Sample.YAML), Map.of()).entries().getFirst().spec();
    assertEquals("sample", spec.target());
    assertEquals(List.of("smp"), spec.targetAliases());
    assertEquals(List.of("a"), spec.aliases());
    assertTrue(spec.resumable());
    assertEquals(14, spec.flags().size());
    FlagSpec process = spec.flags().getFirst();
    assertTrue(process.matcher());
    assertEquals(List.of("process", "local-port"), process.oneOf());
    FlagSpec percent = spec.flags().get(5);
    assertEquals("%", percent.unit());
    assertEquals(100.0, percent.max());
  }

  @Test
  void theFolderSaysWhoFindsTheTargetAndATargetIsFoundByOne() {
    for (String executor : List.of("os", "jvm", "cri")) {
      Map<String, String> files = Map.of("specs/" + executor + "/s.yaml", Sample.YAML);
      assertEquals(executor, Specs.of(files, Map.of()).entries().getFirst().spec().executor());
    }
    String second = Sample.YAML.replace("action: all", "action: some").replace("[a]", "[]");
    SpecException e =
        assertThrows(
            SpecException.class,
            () -> Specs.of(Map.of("specs/jvm/s.yaml", Sample.YAML), Map.of("s.yaml", second)));
    assertTrue(e.toString().contains("is in folders jvm and os"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "target: sample|tarket: sample|s.yaml: tarket: unknown key; did you mean target?",
        "desc: Has everything.|desk: x|actions.0.desk: unknown key; did you mean desc?",
        "{name: gone,|{name: gone, colour: red,|actions.0.flags.0.colour: unknown key",
        "name: gone|name: off|actions.0.flags.0.name: must be a name, in quotes",
        "type: switch|type: switch, default: true|a switch is off by default",
        "type: switch|type: swich|actions.0.flags.0.type: must be one of",
        "undo: exact|undo: maybe|actions.0.undo: must be one of exact, none: maybe",
        "undo: exact|resumable: true|actions.0.undo: is missing",
        "scopes: [host]|scopes: [hots]|scopes.0: must be one of host, cri: hots",
        "scopes: [host]|scopes: []|scopes: must name a scope",
        "io.faultd.spec.Sample|io.faultd.spec.Units|not a fault: io.faultd.spec.Units",
        "name: gone|name: long-gone|flag long-gone has no component longGone",
        "name: kind, desc: What.|name: kind2, desc: What.|flag kind2 has no component kind2",
        "type: mode|type: text|flag mark is text and needs java.lang.String, not",
        "min: 0, default: 0|min: 0, default: -1|default of count: must be at least 0",
        "min: 0, default: 0|min: zero|actions.0.flags.1.min: must be a number: zero",
        "min: 0, default: 0|min: 0|component count must be @Nullable",
        "min: 0, max: 100|min: 100, max: 0|actions.0.flags.3.max: must not be below min",
        "unit: MB|unit: ell|actions.0.flags.5.unit: must be a unit of bytes",
        "excludes: [percent]|excludes: [per]|size names no flag: per",
        "name: mark|name: count|duplicate flag count",
        "name: mark|name: timeout|every action has timeout",
        "type: switch|type: switch, min: 1|actions.0.flags.0.min: means nothing",
        "actions:|actionz:|actionz: unknown key; did you mean actions?"
      })
  void namesFileAndKeyOfADefect(String right, String wrong, String message) {
    assertTrue(Sample.YAML.contains(right), right);
    String yaml = Sample.YAML.replace(right, wrong);
    SpecException e =
        assertThrows(SpecException.class, () -> Specs.of(Map.of("s.yaml", yaml), Map.of()));
    assertTrue(e.toString().startsWith("io.faultd.spec.SpecException: s.yaml: "), e.getMessage());
    assertTrue(e.toString().contains(message), e.getMessage());
  }

  @Test
  void anActionWhoseClassIsNotThereIsPlannedUntilItIs() {
    String yaml = Sample.YAML.replace("io.faultd.spec.Sample", "io.faultd.spec.Nobody");
    Specs specs = Specs.of(Map.of("s.yaml", yaml), Map.of());
    assertEquals(List.of(), specs.entries());
    assertEquals(specs.all(), specs.planned());
    ActionSpec planned = specs.planned().getFirst();
    assertEquals("io.faultd.spec.Nobody", planned.type());
    Specs implemented = Specs.of(Map.of("s.yaml", Sample.YAML), Map.of());
    assertEquals(List.of(), implemented.planned());
    assertEquals(planned.flags(), implemented.entries().getFirst().spec().flags());
    String defect = yaml.replace("min: 0, default: 0", "min: 0, default: -1");
    assertTrue(
        assertThrows(SpecException.class, () -> Specs.of(Map.of("s.yaml", defect), Map.of()))
            .toString()
            .contains("default of count: must be at least 0"));
    assertTrue(
        assertThrows(
                SpecException.class,
                () -> Specs.of(Map.of("s.yaml", Sample.YAML), Map.of("t.yaml", yaml)))
            .toString()
            .contains("no such class: io.faultd.spec.Nobody"),
        "who adds an action has a class for it");
  }

  @Test
  void nothingIsSaidTwice() {
    String twice = Sample.YAML.replace("target: sample", "target: sample\ntarget: other");
    SpecException e =
        assertThrows(SpecException.class, () -> Specs.of(Map.of("s.yaml", twice), Map.of()));
    assertTrue(e.toString().contains("s.yaml: target: is there twice"), e.getMessage());
  }

  @Test
  void aFlagOfTheSpecMustBeWhereTheRecordHasAComponent() {
    String yaml =
        Sample.YAML
            .lines()
            .filter(line -> !line.contains("name: kind"))
            .reduce("", (a, b) -> a + b + "\n");
    SpecException e =
        assertThrows(SpecException.class, () -> Specs.of(Map.of("s.yaml", yaml), Map.of()));
    assertTrue(e.toString().contains("no flag for component kind"), e.getMessage());
  }

  @Test
  void refusesNamesThatMeanTwoThings() {
    String second = Sample.YAML.replace("target: sample", "target: other");
    SpecException e =
        assertThrows(
            SpecException.class,
            () -> Specs.of(Map.of("a.yaml", Sample.YAML, "b.yaml", second), Map.of()));
    assertTrue(e.toString().contains("target smp is also"), e.getMessage());
    e =
        assertThrows(
            SpecException.class,
            () -> Specs.of(Map.of("a.yaml", Sample.YAML, "b.yaml", Sample.YAML), Map.of()));
    assertTrue(e.toString().contains("duplicate target sample"), e.getMessage());
    String twice = Sample.YAML + Sample.YAML.substring(Sample.YAML.indexOf("  - action"));
    e = assertThrows(SpecException.class, () -> Specs.of(Map.of("a.yaml", twice), Map.of()));
    assertTrue(e.toString().contains("duplicate action all"), e.getMessage());
    String alias = twice.replaceFirst("action: all", "action: one");
    e = assertThrows(SpecException.class, () -> Specs.of(Map.of("a.yaml", alias), Map.of()));
    assertTrue(e.toString().contains("action sample a is also"), e.getMessage());
  }

  @Test
  void theUsersFolderAddsAndReplaces(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("s.yaml"), Sample.YAML.replace("default: 0}", "default: 5}"));
    Specs specs = Specs.load(folder);
    ActionSpec mine =
        specs.entries().stream()
            .map(Specs.Entry::spec)
            .filter(spec -> spec.target().equals("sample"))
            .findFirst()
            .orElseThrow();
    assertEquals("5", mine.flags().get(3).initial());
    String changed = Sample.YAML.replace("Has everything.", "Theirs.");
    List<Specs.Entry> entries =
        Specs.of(Map.of("s.yaml", Sample.YAML), Map.of("t.yaml", changed)).entries();
    assertEquals(1, entries.size());
    assertEquals("Theirs.", entries.getFirst().spec().desc());
  }

  @Test
  void nothingOfTheEnvironmentChangesASpec() {
    System.setProperty("target", "other");
    try {
      Specs.Entry entry =
          Specs.of(Map.of("s.yaml", Sample.YAML.replace("Has everything.", "${target}")), Map.of())
              .entries()
              .getFirst();
      assertEquals("sample", entry.spec().target());
      assertEquals("${target}", entry.spec().desc());
    } finally {
      System.clearProperty("target");
    }
  }

  @Test
  void findsSpecsInAJarToo(@TempDir Path folder) throws Exception {
    Path jar = folder.resolve("program.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream packed = new JarOutputStream(out)) {
      packed.putNextEntry(new JarEntry("specs/"));
      packed.putNextEntry(new JarEntry("specs/os/sample.yaml"));
      packed.write(Sample.YAML.getBytes(StandardCharsets.UTF_8));
    }
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
      assertEquals(
          Map.of("specs/os/sample.yaml", Sample.YAML), Specs.inJar(loader.getResource("specs")));
    }
  }
}
