package io.faultd.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Our specs have all that ChaosBlade's catalogue has, under the same names; where they differ,
 * {@code catalogue/differences.tsv} says why. What the catalogue says is in {@code
 * catalogue/actions.tsv}.
 */
class CatalogueTest {
  private static final Path ROOT = Path.of(System.getProperty("faultd.root"));
  private static final Path FACTS = ROOT.resolve("src/daemon/test/resources/catalogue/actions.tsv");

  /** What upstream's own spec files say. */
  private static final Path SPEC_FACTS = FACTS.resolveSibling("upstream.tsv");

  /** Where the catalogue itself and upstream's own spec files are, for who has them. */
  private static final Path ORIGINAL =
      Path.of(
          System.getProperty(
              "faultd.catalogue", ROOT.resolveSibling("shared/upstream").toString()));

  private static final Specs SPECS = Specs.load(null);
  private static final Catalogue CATALOGUE = new Catalogue(lines(FACTS));

  private final Set<Difference> seen = new TreeSet<>();

  @Test
  void specsHaveWhatTheCatalogueHas() {
    Map<String, ActionSpec> specs = new HashMap<>();
    SPECS.all().forEach(spec -> specs.put(name(spec), spec));
    Set<String> implemented =
        SPECS.entries().stream().map(entry -> name(entry.spec())).collect(Collectors.toSet());
    int specified = 0;
    int done = 0;
    for (Catalogue.Entry entry : CATALOGUE.entries) {
      ActionSpec spec = specs.get(entry.name());
      if (spec == null || !spec.scopes().contains(entry.scope())) {
        see(entry.name(), "", "not specified for " + entry.scope());
        continue;
      }
      specified++;
      done += implemented.contains(entry.name()) ? 1 : 0;
      compare(entry, spec);
    }
    Set<String> theirs =
        CATALOGUE.entries.stream().map(Catalogue.Entry::name).collect(Collectors.toSet());
    specs.keySet().stream().filter(name -> !theirs.contains(name)).forEach(n -> see(n, "", "ours"));
    System.out.printf(
        "%d of %d specified, %d implemented%n", specified, CATALOGUE.entries.size(), done);
    assertEquals(CATALOGUE.entries.size(), specified);
    Set<Difference> unused = new HashSet<>(differences());
    List<Difference> unexplained = new ArrayList<>();
    for (Difference each : seen) {
      List<Difference> why = differences().stream().filter(one -> one.covers(each)).toList();
      unused.removeAll(why);
      if (why.isEmpty()) {
        unexplained.add(each);
      }
    }
    assertEquals(List.of(), unexplained, "differences without a reason");
    assertEquals(Set.of(), unused, "reasons without a difference");
  }

  private void compare(Catalogue.Entry entry, ActionSpec spec) {
    if (!entry.aliases().equals(spec.aliases())) {
      see(entry.name(), "", "aliases");
    }
    Map<String, FlagSpec> flags = new HashMap<>();
    spec.flags().forEach(flag -> flags.put(flag.name(), flag));
    for (Catalogue.Flag theirs : entry.flags()) {
      FlagSpec ours = flags.remove(theirs.name());
      if (ours == null) {
        see(entry.name(), theirs.name(), "missing");
      } else {
        compare(entry.name(), theirs, ours);
      }
    }
    for (String group : entry.groups()) {
      for (String name : CATALOGUE.groups.get(group)) {
        boolean own = flags.remove(name) != null;
        if (!own && !isTaken(spec, name)) {
          see(entry.name(), name, "missing");
        }
      }
    }
    flags.keySet().forEach(name -> see(entry.name(), name, "extra"));
  }

  private void compare(String action, Catalogue.Flag theirs, FlagSpec ours) {
    if (theirs.matcher() != ours.matcher()) {
      see(action, theirs.name(), "matcher");
    }
    if (theirs.required() != ours.required()) {
      see(action, theirs.name(), "required");
    }
    if (theirs.argument() == (ours.type() == FlagType.SWITCH)) {
      see(action, theirs.name(), "argument");
    }
    if (!theirs.unit().equals(ours.unit() == null ? "" : ours.unit())) {
      see(action, theirs.name(), "unit");
    }
    if (theirs.initial() != null && !theirs.initial().equals(ours.initial())) {
      see(action, theirs.name(), "default");
    }
  }

  /** Whether orders may have a flag that the spec does not name; the uid is a key of orders. */
  private static boolean isTaken(ActionSpec spec, String name) {
    return CommonRules.knows(name)
        || name.equals("uid")
        || spec.scopes().contains("cri") && ContainerRules.names().contains(name);
  }

  private void see(String action, String flag, String what) {
    seen.add(new Difference(action, flag, what, ""));
  }

  @Test
  void aBareNumberHasTheUnitOfTheCatalogue() {
    Set<String> units = new HashSet<>();
    Map<String, ActionSpec> specs = new HashMap<>();
    SPECS.all().forEach(spec -> specs.put(name(spec), spec));
    for (Catalogue.Entry entry : CATALOGUE.entries) {
      Map<String, FlagSpec> flags = new HashMap<>();
      specs.get(entry.name()).flags().forEach(flag -> flags.put(flag.name(), flag));
      for (Catalogue.Flag flag : entry.flags()) {
        String where = entry.name() + " " + flag.name();
        if (!flag.unit().isEmpty()) {
          units.add(flag.unit());
          Object three = Values.read(flags.get(flag.name()), "3");
          Object expected =
              switch (flag.unit()) {
                case "us" -> Duration.ofNanos(3_000);
                case "ms" -> Duration.ofMillis(3);
                case "s" -> Duration.ofSeconds(3);
                case "MB" -> 3_000_000L;
                default -> three instanceof Long ? (Object) 3L : (Object) 3.0;
              };
          assertEquals(expected, three, where);
        }
      }
    }
    assertEquals(Set.of("us", "ms", "s", "MB", "%"), units);
    FlagSpec time =
        specs.get("network delay").flags().stream()
            .filter(flag -> flag.name().equals("time"))
            .findFirst()
            .orElseThrow();
    assertEquals(Duration.ofSeconds(3), Values.read(time, "3000"));
  }

  @Test
  void whatIsOutOfRangeIsRefused() {
    int refused = 0;
    for (ActionSpec spec : SPECS.all()) {
      for (FlagSpec flag : spec.flags()) {
        List<String> wrong = new ArrayList<>();
        if (flag.min() != null) {
          wrong.add(Long.toString((long) (flag.min() - 1)));
        }
        if (flag.max() != null) {
          wrong.add(Long.toString((long) (flag.max() + 1)));
        }
        if (!flag.values().isEmpty()) {
          wrong.add("none-of-these");
        }
        for (String text : wrong) {
          FaultException e =
              assertThrows(
                  FaultException.class,
                  () -> Values.read(flag, text),
                  name(spec) + " " + flag.name() + "=" + text);
          assertEquals(flag.name(), e.field().orElseThrow());
          refused++;
        }
      }
    }
    assertTrue(refused > SPECS.all().size(), refused + " wrong values");
  }

  @Test
  void whatMustBeThereIsAskedForBeforeThereIsAFault() {
    int asked = 0;
    for (ActionSpec spec : SPECS.all()) {
      FlagReader reader = new FlagReader(spec);
      Set<String> needed = new TreeSet<>();
      for (FlagSpec flag : spec.flags()) {
        if (flag.required()) {
          needed.add(flag.name());
        }
        needed.addAll(flag.oneOf());
      }
      if (needed.isEmpty()) {
        reader.read(Map.of(), Set.of());
      } else {
        FaultException e =
            assertThrows(
                FaultException.class, () -> reader.read(Map.of(), Set.of()), () -> name(spec));
        assertEquals(45000, e.code(), name(spec));
        assertTrue(needed.contains(e.field().orElseThrow()), name(spec) + ": " + e.getMessage());
        asked++;
      }
    }
    assertTrue(asked > SPECS.all().size() / 2, asked + " actions that need a flag");
  }

  @Test
  void flagsThatContradictEachOtherAreRefused() {
    FlagReader script = reader("jvm script");
    Map<String, String> whole =
        new HashMap<>(
            Map.of("pid", "1", "classname", "A", "methodname", "b", "script-file", "/a.java"));
    script.read(whole, Set.of());
    whole.put("script-content", "YQ==");
    FaultException e = assertThrows(FaultException.class, () -> script.read(whole, Set.of()));
    assertEquals("script-file", e.field().orElseThrow());
    Map<String, String> calls =
        Map.of("pid", "1", "syscall-name", "openat", "return-value", "ENOENT", "step", "2");
    e = assertThrows(FaultException.class, () -> reader("strace error").read(calls, Set.of()));
    assertTrue(e.toString().contains("is required with step"), e.getMessage());
  }

  private static FlagReader reader(String name) {
    return new FlagReader(
        SPECS.all().stream().filter(spec -> name(spec).equals(name)).findFirst().orElseThrow());
  }

  /** Who has no original still sees whether somebody changed the facts by hand. */
  @Test
  void factsAreThoseOfTheCatalogueThatTheyWereMadeOf() throws Exception {
    Path original = ORIGINAL.resolve("catalog.yaml");
    if (Files.exists(original)) {
      written(FACTS, Catalogue.facts(original));
      assertEquals(String.join("\n", Catalogue.facts(original)), String.join("\n", lines(FACTS)));
    }
    Path digests = FACTS.resolveSibling("digests.tsv");
    List<String> made = new ArrayList<>();
    for (Path facts : List.of(FACTS, SPEC_FACTS)) {
      made.add(facts.getFileName() + "\t" + digest(facts));
    }
    written(digests, made);
    assertEquals(made, lines(digests), "made of ChaosBlade's files, and not by hand");
  }

  @Test
  void upstreamsOwnSpecFilesHaveNothingThatOursHaveNot() throws Exception {
    List<Path> originals =
        Stream.of("spec-os.yaml", "spec-jvm.yaml", "spec-cri.yaml").map(ORIGINAL::resolve).toList();
    if (originals.stream().allMatch(Files::exists)) {
      List<String> facts = UpstreamSpecs.facts(originals);
      written(SPEC_FACTS, facts);
      assertEquals(String.join("\n", facts), String.join("\n", lines(SPEC_FACTS)));
    }
    Map<String, ActionSpec> specs = new HashMap<>();
    SPECS.all().forEach(spec -> specs.put(name(spec), spec));
    List<String> facts = lines(SPEC_FACTS);
    assertTrue(facts.size() > 150, "actions: " + facts.size());
    for (String fact : facts) {
      readsAsOurs(fact.split("\t", -1), specs);
    }
  }

  private static void readsAsOurs(String[] fact, Map<String, ActionSpec> specs) {
    ActionSpec our = specs.get(fact[1]);
    assertTrue(our != null, fact[1]);
    assertTrue(our.scopes().contains(fact[0]), fact[1] + " " + fact[0]);
    assertEquals(fact[2], String.join(" ", our.aliases()), fact[1]);
    Map<String, FlagSpec> flags = new HashMap<>();
    our.flags().forEach(flag -> flags.put(flag.name(), flag));
    for (String word : fact[3].split(" ", -1)) {
      String[] flag = word.split(":", -1);
      boolean takesNone = flag[0].endsWith("~");
      String name = flag[0].replace("~", "");
      FlagSpec same = flags.get(name);
      String where = fact[1] + " " + name;
      assertTrue(same != null || isTaken(our, name), where);
      if (same != null) {
        assertEquals(takesNone, same.type() == FlagType.SWITCH, where);
        assertFalse(
            UpstreamSpecs.digest(same.desc()).equals(flag[1]), where + ": in words of our own");
      }
    }
  }

  private static void written(Path file, List<String> lines) throws IOException {
    if (Boolean.getBoolean("faultd.write")) {
      Files.write(file, lines);
    }
  }

  private static String digest(Path file) throws Exception {
    byte[] sum = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(sum);
  }

  private static String name(ActionSpec spec) {
    return spec.target() + " " + spec.action();
  }

  private static List<Difference> differences() {
    return lines(FACTS.resolveSibling("differences.tsv")).stream()
        .map(line -> line.split("\t", -1))
        .map(parts -> new Difference(parts[0], parts[1], parts[2], parts[3]))
        .toList();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Where we differ.
   *
   * @param action target and action; in reasons also {@code *}, or {@code TARGET *}
   * @param flag which; empty: the action itself
   * @param what in which respect
   * @param reason why
   */
  private record Difference(String action, String flag, String what, String reason)
      implements Comparable<Difference> {

    boolean covers(Difference other) {
      return (action.equals(other.action)
              || action.endsWith("*")
                  && other.action.startsWith(action.substring(0, action.length() - 1)))
          && flag.equals(other.flag)
          && what.equals(other.what)
          && !reason.isBlank();
    }

    @Override
    public int compareTo(Difference other) {
      return toString().compareTo(other.toString());
    }
  }
}
