package io.faultd.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What this node can do, as specs name it in {@code needs}. */
public final class Capabilities {
  /** pidfd_open(2), since Linux 5.3. */
  public static final String PIDFD = "pidfd";

  /** An effective user id of 0, and what the kernel lets root do (capabilities(7)). */
  public static final String ROOT = "root";

  /** Tables of nf_tables that end with their owner, since Linux 5.12. */
  public static final String NFTABLES = "nftables";

  /** Packets handed to a program, and sent by it. */
  public static final String NFQUEUE = "nfqueue";

  /** Queues that are shaped by class (sch_htb), and a program that tells the class (cls_bpf). */
  public static final String HTB = "htb";

  /** Packets that go out are delayed and lost by the kernel alone (sch_netem, sch_htb, cls_bpf). */
  public static final String NETEM = "netem";

  /** Packets can be delayed: by sch_netem, or handed to a program. */
  public static final String PACKET_DELAY = "packet-delay";

  /**
   * The rate of packets can be limited: by sch_htb as they go out, by a program as they come in.
   */
  public static final String PACKET_LIMIT = "packet-limit";

  /** Packets can be lost by chance: by sch_netem, or by nf_tables. */
  public static final String PACKET_LOSS = "packet-loss";

  /** The whole vocabulary. */
  public static final Set<String> NAMES =
      Set.of(PIDFD, ROOT, NFTABLES, NFQUEUE, HTB, NETEM, PACKET_DELAY, PACKET_LIMIT, PACKET_LOSS);

  /** What it takes to enter what others have around them, and to be them; by number. */
  private static final Map<String, Integer> PRIVILEGES =
      Map.of(
          "CAP_CHOWN", 0,
          "CAP_DAC_OVERRIDE", 1,
          "CAP_DAC_READ_SEARCH", 2, // open_by_handle_at(2)
          "CAP_FOWNER", 3,
          "CAP_KILL", 5,
          "CAP_SETGID", 6,
          "CAP_SETUID", 7,
          "CAP_SYS_CHROOT", 18,
          "CAP_SYS_PTRACE", 19,
          "CAP_SYS_ADMIN", 21);

  private static final Pattern RELEASE = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

  private final Path proc;
  private final Map<String, Probe> probes;

  /**
   * Of the node.
   *
   * @param proc where proc(5) is mounted
   * @param probes by name, of what this class does not find out itself
   */
  public Capabilities(Path proc, Map<String, Probe> probes) {
    this.proc = proc;
    this.probes = Map.copyOf(probes);
  }

  /** Finds out whether the node has one capability. */
  @FunctionalInterface
  public interface Probe {
    /** What is missing, as a sentence for people; empty if nothing. */
    Optional<String> missing();
  }

  /** A probe of what is there if one of two things is. */
  public static Probe either(Probe one, Probe other) {
    return () ->
        one.missing()
            .flatMap(
                lack -> other.missing().map(more -> "neither of two ways: " + lack + "; " + more));
  }

  /** What is missing, by name, as a sentence for people; empty if the node can do everything. */
  public Map<String, String> missing() {
    Map<String, String> missing = new HashMap<>();
    String release = read("sys/kernel/osrelease").strip();
    if (!since(release, 5, 3)) {
      missing.put(PIDFD, "kernel " + release + " has no pidfd_open, which came with 5.3");
    }
    String user = effectiveUser();
    if (!user.equals("0")) {
      missing.put(ROOT, "the daemon runs as user " + user + ", not as root");
    } else if (!dropped().isEmpty()) {
      missing.put(ROOT, "the daemon runs as root, but without " + String.join(", ", dropped()));
    }
    probes.forEach((name, probe) -> probe.missing().ifPresent(lack -> missing.put(name, lack)));
    return missing;
  }

  private static boolean since(String release, int major, int minor) {
    Matcher match = RELEASE.matcher(release);
    if (!match.matches()) {
      return false;
    }
    int seen = Integer.parseInt(match.group(1));
    return seen > major || seen == major && Integer.parseInt(match.group(2)) >= minor;
  }

  /** The second number of the line Uid in status, see proc_pid_status(5). */
  private String effectiveUser() {
    return status("Uid:", 2);
  }

  /** Those of root's privileges that a container or a unit took from it. */
  private List<String> dropped() {
    long effective = Long.parseUnsignedLong(status("CapEff:", 1), 16);
    return PRIVILEGES.entrySet().stream()
        .filter(privilege -> (effective >>> privilege.getValue() & 1) == 0)
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  private String status(String name, int word) {
    return read("self/status")
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.split("\\s+", -1)[word])
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no %s in %s".formatted(name, proc)));
  }

  private String read(String file) {
    try {
      return Files.readString(proc.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
