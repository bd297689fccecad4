package io.faultd.cri;

import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Container;
import io.faultd.testing.Eventually;
import io.faultd.testing.Pod;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import io.faultd.testing.Wish;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How one action is tried in a container, and how it is seen there.
 *
 * @param action target and action
 * @param way which way of several that it can go; empty: the usual one
 * @param flags without those that say which container
 * @param in what kind of container
 * @param done whether a container shows it now
 */
record Harm(String action, String way, Map<String, String> flags, Kind in, Sign done) {
  /** Of this run; a process that helps has it from the one that started it. */
  static final String NAME = System.getProperty("faultd.harm", Victim.tag());

  /** In the command line of a process of each container, and of one outside. */
  static final String TAG = NAME;

  /** A folder of each container; at the same path there is one outside. */
  static final String FOLDER = "/var/tmp/faultd-harm-" + NAME;

  /** A file of the image, which is below what a container writes. */
  private static final String IMAGES = "/etc/app.conf";

  /** The other end of each pod's cable. */
  private static final String GATEWAY = "10.88.77.1";

  private static final Pattern TIME = Pattern.compile("time=([0-9.]+) ms");
  private static final Pattern SHOP = Pattern.compile("(\\S+) (\\d+) (\\S+) (\\d+)");

  /** Containers of two kinds. */
  enum Kind {
    /** Busybox: it counts, has files, and a process with the tag. */
    BOX,
    /** Nothing but a JVM. */
    JVM
  }

  /** What is looked at from outside. */
  @FunctionalInterface
  interface Sign {
    boolean of(Container container) throws Exception;
  }

  private Harm(String action, Map<String, String> flags, Kind in, Sign done) {
    this(action, "", flags, in, done);
  }

  /** Those that are to be tried: {@code -Dfaultd.actions=} limits them to some. */
  static List<Harm> chosen() {
    String wanted = System.getProperty("faultd.actions", "").replace('_', ' ');
    return all().stream().filter(each -> each.toString().startsWith(wanted)).toList();
  }

  /** All; {@code EveryActionTest} fails if an action is not here. */
  static List<Harm> all() {
    return Stream.concat(usual().stream(), others().stream()).toList();
  }

  private static List<Harm> usual() {
    String file = FOLDER + "/file";
    Map<String, String> tagged = Map.of("process", TAG, "process-cmd", "sleep");
    Map<String, String> price =
        Map.of("process", "Shop", "classname", "Shop", "methodname", "price");
    return List.of(
        new Harm("container pause", Map.of(), Kind.BOX, Harm::still),
        new Harm("container remove", Map.of(), Kind.BOX, Harm::ended),
        new Harm("process stop", tagged, Kind.BOX, it -> state(it) == 'T'),
        new Harm("process kill", tagged, Kind.BOX, it -> state(it) == 0),
        new Harm(
            "file add", with(Map.of("content", "ours"), FOLDER + "/new"), Kind.BOX, Harm::added),
        new Harm("file append", with(Map.of("content", "ours"), file), Kind.BOX, Harm::appended),
        new Harm("file chmod", with(Map.of("mark", "000"), file), Kind.BOX, Harm::closed),
        new Harm("file delete", with(Map.of(), file), Kind.BOX, Harm::absent),
        new Harm("file move", with(Map.of("target", FOLDER + "/to"), file), Kind.BOX, Harm::absent),
        new Harm("cpu fullload", Map.of("cpu-percent", "30"), Kind.BOX, Harm::worked),
        new Harm("network drop", Map.of("destination-ip", GATEWAY), Kind.BOX, Harm::far),
        new Harm("network loss", Map.of("percent", "100"), Kind.BOX, Harm::far),
        new Harm("network delay", Map.of("time", "400"), Kind.BOX, Harm::far),
        new Harm("network limit", Map.of("rate", "40kbit"), Kind.BOX, Harm::far),
        new Harm("jvm delay", and(price, "time", "200"), Kind.JVM, it -> millis(it) >= 195),
        new Harm("jvm return", and(price, "value", "7"), Kind.JVM, it -> shop(it, 3).equals("7")),
        new Harm(
            "jvm throwCustomException",
            and(price, "exception", "java.lang.IllegalStateException"),
            Kind.JVM,
            it -> shop(it, 3).startsWith("java.lang.IllegalStateException:")),
        new Harm(
            "jvm throwDeclaredException",
            Map.of("process", "Shop", "classname", "Shop", "methodname", "sell"),
            Kind.JVM,
            it -> shop(it, 1).startsWith("java.io.IOException:")),
        new Harm(
            "jvm cpufullload",
            Map.of("process", "Shop", "cpu-count", "1"),
            Kind.JVM,
            it -> thread(it, "faultd-cpu")),
        library("servlet delay", "time", "100"),
        library("servlet throwCustomException", "exception", "java.lang.IllegalStateException"),
        library("servlet modifyCode", "code", "503"),
        library("psql delay", "time", "100"),
        library("psql throwCustomException", "exception", "java.lang.IllegalStateException"));
  }

  /** Those whose flags take another way through the code than the usual ones. */
  private static List<Harm> others() {
    String file = FOLDER + "/file";
    String deep = FOLDER + "/deep/deeper";
    return List.of(
        box("file add", "directory", with(Map.of("directory", ""), FOLDER + "/new"), "/new", true),
        box(
            "file add",
            "auto-create-dir",
            with(Map.of("content", "ours", "auto-create-dir", ""), deep + "/new"),
            "/deep/deeper/new",
            true),
        new Harm(
            "file append",
            "interval",
            with(Map.of("content", "ours", "interval", "1"), file),
            Kind.BOX,
            Harm::appended),
        new Harm(
            "file append",
            "of the image",
            with(Map.of("content", "ours"), IMAGES),
            Kind.BOX,
            it -> text(it, IMAGES).contains("ours")),
        new Harm(
            "file delete",
            "of the image",
            with(Map.of(), IMAGES),
            Kind.BOX,
            it -> !Files.exists(it.file(IMAGES))),
        box("file delete", "folder", with(Map.of(), FOLDER + "/full"), "/full", false),
        box("file delete", "force", with(Map.of("force", ""), file), "/file", false),
        box(
            "file move",
            "auto-create-dir",
            with(Map.of("target", deep, "auto-create-dir", ""), file),
            "/deep/deeper/file",
            true),
        new Harm(
            "file move",
            "force",
            with(Map.of("target", FOLDER + "/full", "force", ""), file),
            Kind.BOX,
            it -> text(it, FOLDER + "/full/file").equals("original\n")),
        new Harm(
            "cpu fullload",
            "cpu-list",
            Map.of("cpu-percent", "30", "cpu-list", "0", "climb-time", "2"),
            Kind.BOX,
            Harm::worked),
        new Harm(
            "network drop",
            "in",
            Map.of("source-ip", GATEWAY, "network-traffic", "in"),
            Kind.BOX,
            Harm::far),
        in("network loss", "percent", "100"),
        in("network delay", "time", "400"),
        in("network limit", "rate", "40kbit"));
  }

  /** One that is seen by whether something is in the folder. */
  private static Harm box(
      String action, String way, Map<String, String> flags, String path, boolean there) {
    Sign done = it -> Files.exists(it.file(FOLDER + path)) == there;
    return new Harm(action, way, flags, Kind.BOX, done);
  }

  /** One that hits what comes in. */
  private static Harm in(String action, String flag, String value) {
    return new Harm(action, "in", Map.of("direction", "in", flag, value), Kind.BOX, Harm::far);
  }

  private static Map<String, String> with(Map<String, String> flags, String path) {
    return and(flags, "filepath", path);
  }

  private static Map<String, String> and(Map<String, String> flags, String name, String value) {
    Map<String, String> all = new java.util.TreeMap<>(flags);
    all.put(name, value);
    return all;
  }

  /** What the kernel lacks for it. */
  Optional<String> lack() {
    // what comes in has no queue
    return action.equals("network drop") || way.equals("in")
        ? Requires.Condition.lack("nftables")
        : Optional.empty();
  }

  String target() {
    return action.split(" ", -1)[0];
  }

  /** The flags as names and values. */
  String[] words() {
    return flags.entrySet().stream()
        .flatMap(each -> Stream.of(each.getKey(), each.getValue()))
        .toArray(String[]::new);
  }

  /** Whether it has no end that others could come before. */
  boolean once() {
    return action.equals("container remove")
        || action.equals("process kill")
        || flags.containsKey("force") && action.equals("file delete");
  }

  /** Whether the agent that shows it stays in the JVM for others. */
  boolean stays() {
    return in == Kind.JVM && !target().equals("jvm");
  }

  /** A container for it, that shows nothing yet. */
  static Container fresh(Pod pod, String name, Kind kind, String jvm) throws Exception {
    if (kind == Kind.JVM) {
      Container made =
          pod.container(
              Wish.of(name, jvm), io.faultd.testing.JvmImage.command().toArray(String[]::new));
      ready(made, kind);
      return made;
    }
    Container made = pod.container(name, box().toArray(String[]::new));
    ready(made, kind);
    return made;
  }

  /** Waits until it does what is to be harmed. */
  static void ready(Container made, Kind kind) throws Exception {
    if (kind == Kind.JVM) {
      Eventually.eventually("it works", () -> SHOP.matcher(text(made, "/tmp/shop")).find());
    } else {
      Eventually.eventually(
          "it counts", () -> !text(made, "/data/n").isBlank() && state(made) != 0);
    }
  }

  /** What runs in one of {@link Kind#BOX}. */
  static List<String> box() {
    return List.of(
        "/bin/sh",
        "-c",
        ("mkdir -p DIR/to DIR/full; echo other >DIR/full/file; echo original >DIR/file;"
                    + " sleep TAG & n=0;")
                .replace("DIR", FOLDER)
                .replace("TAG", TAG)
            + " while :; do n=$((n+1)); echo $n >/data/n; sleep 0.1; done");
  }

  private static String text(Container container, String path) {
    try {
      return Files.readString(container.file(path));
    } catch (IOException notYet) {
      return "";
    }
  }

  /** Whether its count stands still while somebody could have counted on. */
  private static boolean still(Container container) {
    String before = text(container, "/data/n");
    long end = System.nanoTime() + 600_000_000L;
    while (System.nanoTime() < end) {
      String now = text(container, "/data/n");
      if (!now.isEmpty() && !now.equals(before)) {
        return false;
      }
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
    return true;
  }

  static boolean ended(Container container) {
    return Procfs.HOST.stat(container.pid()).filter(stat -> !stat.ended()).isEmpty();
  }

  /** The state of its process with the tag; 0: there is none. */
  private static char state(Container container) throws IOException {
    for (int pid : container.pids()) {
      if (Procfs.HOST.arguments(pid).equals(List.of("sleep", TAG))) {
        return Procfs.HOST.stat(pid).filter(s -> !s.ended()).map(s -> s.state()).orElse((char) 0);
      }
    }
    return 0;
  }

  private static boolean added(Container container) {
    return text(container, FOLDER + "/new").strip().equals("ours");
  }

  private static boolean appended(Container container) {
    return text(container, FOLDER + "/file").contains("ours");
  }

  private static boolean closed(Container container) throws IOException {
    return Files.getPosixFilePermissions(container.file(FOLDER + "/file"))
        .equals(PosixFilePermissions.fromString("---------"));
  }

  private static boolean absent(Container container) {
    return !Files.exists(container.file(FOLDER + "/file"));
  }

  /** Whether a worker of ours uses its time. */
  private static boolean worked(Container container) throws IOException {
    for (int pid : container.pids()) {
      if (Procfs.HOST.arguments(pid).contains("io.faultd.worker.WorkerMain")) {
        return true;
      }
    }
    return false;
  }

  /** Whether the other end of its cable is far away, or out of reach. */
  private static boolean far(Container container) {
    // more than a limit lets go at once, however long ago the last was
    String said =
        container.exec("/bin/busybox", "ping", "-c", "1", "-W", "1", "-s", "40000", GATEWAY);
    Matcher time = TIME.matcher(said);
    return !time.find() || Double.parseDouble(time.group(1)) >= 300;
  }

  private static String shop(Container container, int group) {
    // where it writes to if nothing can be written to /tmp
    String elsewhere = text(container, "/out/shop");
    Matcher told = SHOP.matcher(elsewhere.isEmpty() ? text(container, "/tmp/shop") : elsewhere);
    return told.find() ? told.group(group) : "";
  }

  private static long millis(Container container) {
    String text = shop(container, 4);
    return text.isEmpty() ? -1 : Long.parseLong(text);
  }

  /**
   * The image has no such library: the rule waits in the JVM for it, and is seen by the agent that
   * has it. What it does is a matter of the tests of the library.
   */
  private static Harm library(String action, String flag, String value) {
    return new Harm(
        action,
        Map.of("process", "Shop", flag, value),
        Kind.JVM,
        it -> thread(it, "faultd-") && !thread(it, "faultd-cpu"));
  }

  private static boolean thread(Container container, String start) {
    return Procfs.HOST.tasks(container.pid()).stream()
        .anyMatch(task -> task.name().startsWith(start));
  }

  @Override
  public String toString() {
    return way.isEmpty() ? action : action + " (" + way + ")";
  }
}
