package io.faultd.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What this node can do, as specs name it in {@code needs}. */
public final class Capabilities {
  /** pidfd_open(2), since Linux 5.3. */
  public static final String PIDFD = "pidfd";

  /** An effective user id of 0. */
  public static final String ROOT = "root";

  /** Tables of nf_tables that end with their owner, since Linux 5.12. */
  public static final String NFTABLES = "nftables";

  /** Packets handed to a program. */
  public static final String NFQUEUE = "nfqueue";

  /** Queues that are shaped by class (sch_htb), and a program that tells the class (cls_bpf). */
  public static final String HTB = "htb";

  /** Queues that delay and lose (sch_netem). */
  public static final String NETEM = "netem";

  /** The whole vocabulary. */
  public static final Set<String> NAMES = Set.of(PIDFD, ROOT, NFTABLES, NFQUEUE, HTB, NETEM);

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
    return read("self/status")
        .lines()
        .filter(line -> line.startsWith("Uid:"))
        .map(line -> line.split("\\s+", -1)[2])
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no Uid in " + proc + "/self/status"));
  }

  private String read(String file) {
    try {
      return Files.readString(proc.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
