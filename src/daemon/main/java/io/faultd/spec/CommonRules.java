package io.faultd.spec;

import io.faultd.fault.FaultException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What this daemon's settings allow of the flags that every action takes.
 *
 * @param maximumTimeout longest timeout; absent: any
 * @param timeoutMandatory whether each experiment must have a timeout
 * @param callbacks addresses that {@code endpoint} may begin with
 */
public record CommonRules(
    @Nullable Duration maximumTimeout, boolean timeoutMandatory, List<String> callbacks) {

  private static final String TIMEOUT = "timeout";
  private static final String ASYNC = "async";
  private static final String ENDPOINT = "endpoint";
  private static final String ALLOW_PROTECTED = "allow-protected";

  private static final int LONGEST_ADDRESS = 2048;

  /** What a server may read as a dot or a slash, so that it leaves the folder. */
  private static final Pattern DISGUISED = Pattern.compile("(?i)%(2e|2f|5c)");

  private static final Map<String, FlagSpec> FLAGS = new LinkedHashMap<>();

  /** Upstream's flags that say nothing to a daemon. */
  private static final Set<String> MEANINGLESS =
      Set.of(
          "debug",
          "nohup",
          "channel",
          "ssh-host",
          "ssh-port",
          "ssh-user",
          "ssh-key",
          "ssh-key-passphrase",
          "blade-release",
          "override-blade-release",
          "install-path",
          "image-repo",
          "image-version",
          "chaosblade-release",
          "chaosblade-override",
          "cgroup-root",
          "cpu-index");

  static {
    common(TIMEOUT, FlagType.DURATION, "s", "Ends the experiment by itself after this time.");
    common(ASYNC, FlagType.SWITCH, null, "Answers before the fault is in place.");
    common(ENDPOINT, FlagType.TEXT, null, "Is sent the record with each status that it comes to.");
    common(ALLOW_PROTECTED, FlagType.TEXTS, null, "Protected things that may be touched.");
  }

  /** Neither a limit on timeouts nor callbacks. */
  public static final CommonRules DEFAULT = new CommonRules(null, false, List.of());

  /** The flags that every action takes, for lists. */
  public static List<FlagSpec> flags() {
    return List.copyOf(FLAGS.values());
  }

  /** Those that are taken with a warning and do nothing, for lists. */
  public static SortedSet<String> ignored() {
    return new TreeSet<>(MEANINGLESS);
  }

  static Set<String> names() {
    return FLAGS.keySet();
  }

  static boolean knows(String name) {
    return FLAGS.containsKey(name) || MEANINGLESS.contains(name);
  }

  /**
   * The common flags among those of an order.
   *
   * @param spec the action; a flag of its own goes before a meaningless one of that name
   * @param given flags of the client
   * @throws FaultException with the flag as its field
   */
  public CommonFlags read(ActionSpec spec, Map<String, String> given) {
    Duration timeout = (Duration) value(TIMEOUT, given);
    if (timeout != null && timeout.isZero()) {
      timeout = null;
    }
    checkTimeout(timeout, given);
    String endpoint = (String) value(ENDPOINT, given);
    if (endpoint != null && !allows(endpoint)) {
      throw FaultException.illegal(
          ENDPOINT,
          callbacks.isEmpty()
              ? "nobody is called back from this node: callbacks.allow is empty"
              : "must begin with one of callbacks.allow: " + Values.shown(endpoint));
    }
    List<String> protectedThings = new ArrayList<>();
    if (value(ALLOW_PROTECTED, given) instanceof List<?> list) {
      list.forEach(one -> protectedThings.add((String) one));
    }
    return new CommonFlags(
        timeout,
        Boolean.TRUE.equals(value(ASYNC, given)),
        List.copyOf(protectedThings),
        warnings(spec, given));
  }

  /** Whether an address may be called back. */
  public boolean allows(String address) {
    return address.length() <= LONGEST_ADDRESS
        && callbacks.stream().anyMatch(prefix -> below(prefix, address));
  }

  private void checkTimeout(@Nullable Duration timeout, Map<String, String> given) {
    if (timeout == null && timeoutMandatory) {
      throw FaultException.missing(TIMEOUT, "is required on this node");
    }
    if (timeout != null && maximumTimeout != null && timeout.compareTo(maximumTimeout) > 0) {
      throw FaultException.illegal(
          TIMEOUT,
          "must be at most %d s on this node: %s"
              .formatted(maximumTimeout.toSeconds(), given.get(TIMEOUT)));
    }
  }

  private static List<String> warnings(ActionSpec spec, Map<String, String> given) {
    List<String> warnings = new ArrayList<>();
    for (String name : new TreeSet<>(given.keySet())) {
      boolean own = spec.flags().stream().anyMatch(flag -> flag.name().equals(name));
      if (MEANINGLESS.contains(name) && !own) {
        Values.checkText(name, Objects.requireNonNullElse(given.get(name), ""));
        warnings.add("flag " + name + " has no meaning here and was ignored");
      }
    }
    return List.copyOf(warnings);
  }

  private static @Nullable Object value(String name, Map<String, String> given) {
    FlagSpec flag = Objects.requireNonNull(FLAGS.get(name));
    String text = given.get(name);
    return text == null ? null : Values.read(flag, text);
  }

  /** Whether an address is at or below another: same server, same leading folders. */
  private static boolean below(String prefix, String address) {
    try {
      URI allowed = new URI(prefix);
      URI wanted = new URI(address);
      String folder = Objects.requireNonNullElse(allowed.getRawPath(), "");
      String path = Objects.requireNonNullElse(wanted.getRawPath(), "");
      String inside = folder.endsWith("/") ? folder : folder + "/";
      return Objects.equals(allowed.getScheme(), wanted.getScheme())
          && allowed.getRawAuthority() != null
          && allowed.getRawAuthority().equals(wanted.getRawAuthority())
          && wanted.normalize().equals(wanted)
          && wanted.getRawFragment() == null
          && !DISGUISED.matcher(path).find()
          && (path.equals(folder) || path.startsWith(inside));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static void common(String name, FlagType type, @Nullable String unit, String desc) {
    FLAGS.put(
        name,
        new FlagSpec(
            name, desc, type, false, false, unit, null, null, List.of(), null, List.of(), List.of(),
            List.of(), ""));
  }
}
