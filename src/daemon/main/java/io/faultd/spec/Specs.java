package io.faultd.spec;

import io.faultd.fault.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All actions that there are: our own spec files, and a folder of the user's over them. */
public final class Specs {
  /** Who finds what orders aim at, each with a folder of specs; the first has the others', too. */
  public static final List<String> EXECUTORS = List.of("os", "jvm", "cri");

  private static final String FOLDER = "specs";
  private static final String SUFFIX = ".yaml";

  private final List<ActionSpec> all;
  private final Added added;
  private final List<Entry> entries;

  private Specs(Collection<SpecReader.Specified> actions, Collection<SpecReader.Specified> added) {
    this.all = actions.stream().map(SpecReader.Specified::spec).toList();
    this.entries =
        actions.stream().map(SpecReader.Specified::entry).filter(Objects::nonNull).toList();
    this.added =
        new Added(
            added.stream().map(SpecReader.Specified::spec).toList(),
            added.stream()
                .filter(Specs::isPlanned)
                .map(SpecReader.Specified::spec)
                .collect(Collectors.toUnmodifiableSet()));
  }

  /**
   * Reads and checks the specs.
   *
   * @param folder files that add actions, or replace those of the same target and action; absent:
   *     none
   * @throws SpecException for the first defect
   */
  public static Specs load(@Nullable Path folder) {
    try {
      SequencedMap<String, String> theirs =
          folder == null ? new TreeMap<>() : inFolder(folder, folder.toString());
      return of(own(), theirs);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads and checks the texts of spec files.
   *
   * @param own by name
   * @param theirs by name; add to {@code own}, or replace
   */
  static Specs of(Map<String, String> own, Map<String, String> theirs) {
    SequencedMap<String, SpecReader.Specified> all = read(own);
    SequencedMap<String, SpecReader.Specified> over = read(theirs);
    Set<String> later = new HashSet<>();
    all.values().stream().filter(Specs::isPlanned).forEach(each -> later.add(each.spec().type()));
    over.values().stream().filter(Specs::isPlanned).forEach(each -> checkClass(each, later));
    all.putAll(over);
    Specs specs = new Specs(all.values(), over.values());
    checkAliases(specs.all);
    checkExecutors(specs.all);
    return specs;
  }

  /** What the folder had. */
  public Added added() {
    return added;
  }

  /**
   * Actions besides our own, or in place of some.
   *
   * @param planned those of them that no class does yet
   */
  public record Added(List<ActionSpec> all, Set<ActionSpec> planned) {
    /** None. */
    public static final Added NONE = new Added(List.of(), Set.of());
  }

  /** Every action, sorted by target and action. */
  public List<ActionSpec> all() {
    return all;
  }

  /** Those of them that are implemented: the class that their spec names is there. */
  public List<Entry> entries() {
    return entries;
  }

  /** The texts of our own files, by name. */
  static SequencedMap<String, String> own() throws IOException {
    SequencedMap<String, String> own = new TreeMap<>();
    for (URL url : Collections.list(loader().getResources(FOLDER))) {
      own.putAll(url.getProtocol().equals("jar") ? inJar(url) : inFolder(pathOf(url), FOLDER));
    }
    return own;
  }

  /** The others: known, with their flags, but no class does them yet. */
  public List<ActionSpec> planned() {
    Set<ActionSpec> implemented = new HashSet<>();
    entries.forEach(entry -> implemented.add(entry.spec()));
    return all.stream().filter(spec -> !implemented.contains(spec)).toList();
  }

  private static boolean isPlanned(SpecReader.Specified action) {
    return action.entry() == null;
  }

  /** Of our own, some come later; who adds an action on a node has a class, or one of those. */
  private static void checkClass(SpecReader.Specified action, Set<String> later) {
    ActionSpec spec = action.spec();
    if (!later.contains(spec.type())) {
      throw new SpecException(
          spec.target() + " " + spec.action(), "class", "no such class: " + spec.type());
    }
  }

  private static SequencedMap<String, SpecReader.Specified> read(Map<String, String> files) {
    SequencedMap<String, SpecReader.Specified> actions = new TreeMap<>();
    Map<String, String> owners = new HashMap<>();
    files.forEach((file, text) -> {
      for (SpecReader.Specified action : SpecReader.read(file, text)) {
        ActionSpec spec = action.spec();
        String owner = owners.putIfAbsent(spec.target(), file);
        if (owner != null && !owner.equals(file)) {
          throw new SpecException(
              file, "target", "duplicate target " + spec.target() + ", as in " + owner);
        }
        if (actions.put(spec.target() + " " + spec.action(), action) != null) {
          throw new SpecException(file, "actions", "duplicate action " + spec.action());
        }
      }
    });
    return actions;
  }

  /** Each name and alias of a target stands for one target, each of an action for one of its. */
  private static void checkAliases(List<ActionSpec> specs) {
    Map<String, String> targets = new HashMap<>();
    Map<String, String> actions = new HashMap<>();
    for (ActionSpec spec : specs) {
      String where = spec.target() + " " + spec.action();
      Stream.concat(Stream.of(spec.target()), spec.targetAliases().stream())
          .forEach(name -> unique(targets, name, spec.target(), "target"));
      Stream.concat(Stream.of(spec.action()), spec.aliases().stream())
          .forEach(name -> unique(actions, spec.target() + " " + name, where, "action"));
    }
  }

  /** A target is found by one executor, whatever is done to it. */
  private static void checkExecutors(List<ActionSpec> specs) {
    Map<String, String> executors = new HashMap<>();
    for (ActionSpec spec : specs) {
      String other = executors.putIfAbsent(spec.target(), spec.executor());
      if (other != null && !other.equals(spec.executor())) {
        throw new SpecException(
            spec.target() + " " + spec.action(),
            "target",
            "is in folders %s and %s; a target belongs to one".formatted(other, spec.executor()));
      }
    }
  }

  private static void unique(Map<String, String> owners, String name, String owner, String what) {
    String other = owners.putIfAbsent(name, owner);
    if (other != null && !other.equals(owner)) {
      throw new SpecException(owner, "aliases", "%s %s is also %s".formatted(what, name, other));
    }
  }

  static SequencedMap<String, String> inFolder(Path folder, String name) throws IOException {
    SequencedMap<String, String> texts = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(file -> file.toString().endsWith(SUFFIX)).toList()) {
        Path path = folder.relativize(file);
        if (!isHidden(path)) {
          String key = name + "/" + path;
          texts.put(key, decode(key, Files.readAllBytes(file)));
        }
      }
    }
    return texts;
  }

  /** Kubernetes keeps the files of a ConfigMap in a hidden folder, and has links to them beside. */
  private static boolean isHidden(Path path) {
    for (Path name : path) {
      if (name.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  static SequencedMap<String, String> inJar(URL url) throws IOException {
    SequencedMap<String, String> texts = new TreeMap<>();
    JarURLConnection connection = (JarURLConnection) url.openConnection();
    connection.setUseCaches(false);
    try (JarFile jar = connection.getJarFile()) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        String name = entry.getName();
        if (name.startsWith(FOLDER + "/") && name.endsWith(SUFFIX)) {
          try (InputStream in = jar.getInputStream(entry)) {
            texts.put(name, decode(name, in.readAllBytes()));
          }
        }
      }
    }
    return texts;
  }

  private static String decode(String file, byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new SpecException(file, "", "not UTF-8");
    }
  }

  private static Path pathOf(URL url) {
    return Path.of(URI.create(url.toString()));
  }

  private static ClassLoader loader() {
    return Specs.class.getClassLoader();
  }

  /**
   * One action that is implemented, ready for use.
   *
   * @param spec as its file tells it
   * @param fault the class that does it
   * @param binder from flags to its parameters
   */
  public record Entry(ActionSpec spec, Class<? extends Fault<?>> fault, Binder binder) {}
}
