package io.faultd.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

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
