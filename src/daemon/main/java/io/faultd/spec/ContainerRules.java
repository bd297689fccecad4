package io.faultd.spec;

import io.faultd.fault.FaultException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The flags that say which container: one group, shared by all that works in containers. */
public final class ContainerRules {
  private static final String ID = "container-id";
  private static final String NAME = "container-name";
  private static final String LABELS = "container-label-selector";
  private static final String POD = "pod-name";
  private static final String POD_NAMESPACE = "pod-namespace";
  private static final String RUNTIME = "container-runtime";
  private static final String ENDPOINT = "cri-endpoint";
  private static final String NAMESPACE = "container-namespace";

  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");
  private static final Pattern LABEL = Pattern.compile("[^=!,\\s]+(!?=[^=,]*)?");
  private static final String UNIX = "unix://";

  private static final Map<String, FlagSpec> FLAGS = new LinkedHashMap<>();

  static {
    flag(ID, FlagType.TEXT, "The container's id, or a beginning of it that no other has.");
    flag(NAME, FlagType.TEXT, "The container's name: in its pod, or the runtime's.");
    flag(LABELS, FlagType.TEXTS, "Its labels: KEY=VALUE, KEY!=VALUE or KEY.");
    flag(POD, FlagType.TEXT, "The name of its pod.");
    flag(POD_NAMESPACE, FlagType.TEXT, "The Kubernetes namespace of its pod.");
    flag(
        RUNTIME,
        FlagType.TEXT,
        "Who runs it; whichever is found, if absent.",
        List.of("containerd", "cri-o", "docker", "cri"));
    flag(ENDPOINT, FlagType.TEXT, "The runtime's socket: a path, or unix:// and a path.");
    flag(NAMESPACE, FlagType.TEXT, "Its namespace within containerd; k8s.io if absent.");
  }

  private ContainerRules() {}

  /** The flags, for lists. */
  public static List<FlagSpec> flags() {
    return List.copyOf(FLAGS.values());
  }

  /** Their names. */
  public static Set<String> names() {
    return FLAGS.keySet();
  }

  /**
   * The container that an order means.
   *
   * @param given flags of the client
   * @throws FaultException MISSING_PARAMETER or ILLEGAL_PARAMETER, with the flag as its field
   */
  public static ContainerFlags read(Map<String, String> given) {
    List<String> labels =
        value(LABELS, given) instanceof List<?> list
            ? list.stream().map(Object::toString).toList()
            : List.of();
    ContainerFlags flags =
        new ContainerFlags(
            text(ID, given),
            text(NAME, given),
            labels,
            text(POD, given),
            text(POD_NAMESPACE, given),
            text(RUNTIME, given),
            endpoint(text(ENDPOINT, given)),
            text(NAMESPACE, given));
    check(flags);
    return flags;
  }

  private static void check(ContainerFlags flags) {
    if (flags.id() == null
        && flags.name() == null
        && flags.labels().isEmpty()
        && flags.podName() == null) {
      throw FaultException.missing(
          ID, "one of %s, %s, %s and %s must say which container".formatted(ID, NAME, LABELS, POD));
    }
    identifier(ID, flags.id());
    identifier(NAMESPACE, flags.namespace());
    for (String label : flags.labels()) {
      if (!LABEL.matcher(label).matches()) {
        throw FaultException.illegal(
            LABELS, "must be KEY=VALUE, KEY!=VALUE or KEY: " + Values.shown(label));
      }
    }
    if (flags.namespace() != null
        && !flags.namespace().equals("k8s.io")
        && (flags.podName() != null || flags.podNamespace() != null)) {
      throw FaultException.illegal(
          NAMESPACE, "pods are in k8s.io only, not in " + Values.shown(flags.namespace()));
    }
  }

  private static void identifier(String flag, @Nullable String value) {
    if (value != null && !IDENTIFIER.matcher(value).matches()) {
      throw FaultException.illegal(
          flag, "must be letters, digits, dots, underscores and hyphens: " + Values.shown(value));
    }
  }

  private static @Nullable String endpoint(@Nullable String given) {
    if (given == null) {
      return null;
    }
    String path = given.startsWith(UNIX) ? given.substring(UNIX.length()) : given;
    if (!path.startsWith("/")) {
      throw FaultException.illegal(
          ENDPOINT, "must be the absolute path of a Unix socket: " + Values.shown(given));
    }
    return path;
  }

  private static @Nullable String text(String name, Map<String, String> given) {
    return (String) value(name, given);
  }

  private static @Nullable Object value(String name, Map<String, String> given) {
    FlagSpec flag = FLAGS.get(name);
    String text = given.get(name);
    return text == null || flag == null ? null : Values.read(flag, text);
  }

  private static void flag(String name, FlagType type, String desc) {
    flag(name, type, desc, List.of());
  }

  private static void flag(String name, FlagType type, String desc, List<String> values) {
    FLAGS.put(
        name,
        new FlagSpec(
            name, desc, type, true, false, null, null, null, values, null, List.of(), List.of(),
            List.of(), ""));
  }
}
