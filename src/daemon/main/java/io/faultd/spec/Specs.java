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
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All actions that there are: our own spec files, and a folder of the user's over them. */
public final class Specs {
  /** Who finds what orders aim at, each with a folder of specs; the first has the others', too. */
  public static final List<String> EXECUTORS = List.of("os", "jvm", "cri");

  private static final String FOLDER = "specs";
  private static final String SUFFIX = ".yaml";

  private final List<Entry> entries;

  private Specs(List<Entry> entries) {
    this.entries = List.copyOf(entries);
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
    SequencedMap<String, Entry> all = read(own);
    all.putAll(read(theirs));
    List<Entry> entries = new ArrayList<>(all.values());
    checkAliases(entries);
    checkExecutors(entries);
    return new Specs(entries);
  }

  /** Every action, sorted by target and action. */
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

  private static SequencedMap<String, Entry> read(Map<String, String> files) {
    SequencedMap<String, Entry> entries = new TreeMap<>();
    Map<String, String> owners = new HashMap<>();
    files.forEach((file, text) -> {
      for (Entry entry : SpecReader.read(file, text)) {
        ActionSpec spec = entry.spec();
        String owner = owners.putIfAbsent(spec.target(), file);
        if (owner != null && !owner.equals(file)) {
          throw new SpecException(
              file, "target", "duplicate target " + spec.target() + ", as in " + owner);
        }
        if (entries.put(spec.target() + " " + spec.action(), entry) != null) {
          throw new SpecException(file, "actions", "duplicate action " + spec.action());
        }
      }
    });
    return entries;
  }

  /** Each name and alias of a target stands for one target, each of an action for one of its. */
  private static void checkAliases(List<Entry> entries) {
    Map<String, String> targets = new HashMap<>();
    Map<String, String> actions = new HashMap<>();
    for (Entry entry : entries) {
      ActionSpec spec = entry.spec();
      String where = spec.target() + " " + spec.action();
      Stream.concat(Stream.of(spec.target()), spec.targetAliases().stream())
          .forEach(name -> unique(targets, name, spec.target(), "target"));
      Stream.concat(Stream.of(spec.action()), spec.aliases().stream())
          .forEach(name -> unique(actions, spec.target() + " " + name, where, "action"));
    }
  }

  /** A target is found by one executor, whatever is done to it. */
  private static void checkExecutors(List<Entry> entries) {
    Map<String, String> executors = new HashMap<>();
    for (Entry entry : entries) {
      ActionSpec spec = entry.spec();
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

  private static SequencedMap<String, String> inFolder(Path folder, String name)
      throws IOException {
    SequencedMap<String, String> texts = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(file -> file.toString().endsWith(SUFFIX)).toList()) {
        String key = name + "/" + folder.relativize(file);
        texts.put(key, decode(key, Files.readAllBytes(file)));
      }
    }
    return texts;
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
   * One action, ready for use.
   *
   * @param spec as its file tells it
   * @param fault the class that does it
   * @param binder from flags to its parameters
   */
  public record Entry(ActionSpec spec, Class<? extends Fault<?>> fault, Binder binder) {}
}
