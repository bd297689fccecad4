package io.faultd.crash;

import io.faultd.testing.Cable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One end of a {@link Cable}, whose queues and rules must be as they were. Any process that is in
 * the namespace of the near end may ask.
 *
 * @param link its interface
 * @param inside begins commands that are to run in its namespace
 */
record Wiring(String link, String inside) {
  /** Answers at the far end. */
  static final int PORT = 7001;

  private static final int TRIES = 10;
  private static final String PID = "far.pid";

  /** The near end. */
  static Wiring near() {
    return new Wiring(Cable.NEAR_INTERFACE, "");
  }

  /** The far end. */
  static Wiring far(Path base) throws IOException {
    return new Wiring("fb", "nsenter --net=/proc/%d/ns/net ".formatted(process(base)));
  }

  /** Lays a cable, and writes down for other processes whose its far end is. */
  static Cable laid(Path base) throws Exception {
    Cable cable = Cable.open().echo(PORT);
    Files.writeString(base.resolve(PID), Long.toString(cable.process()));
    return cable;
  }

  /** The process whose the far end is. */
  static int process(Path base) throws IOException {
    return Integer.parseInt(Files.readString(base.resolve(PID)));
  }

  /** All that tc(8) and nft(8) print, and whether packets come and go. */
  String state() {
    String shown =
        run(
            """
            tc qdisc show dev %1$s
            tc class show dev %1$s
            tc filter show dev %1$s
            nft -a list ruleset
            """
                .formatted(link));
    return shown.replaceAll("direct_packets_stat \\d+", "direct_packets_stat N")
        + (answers() ? "packets come and go" : "no packet comes back");
  }

  /** Whether a packet to the far end is answered; a busy machine may lose some. */
  static boolean answers() {
    try {
      for (int tries = 0; tries < TRIES; tries++) {
        if (Cable.answered(0, Cable.FAR, PORT, "hello")) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whatever queues there are, these are there instead; empty: what the kernel gives. */
  void queues(String commands) {
    run(("tc qdisc del dev %1$s root 2>/dev/null || true\n" + commands).formatted(link));
  }

  private String run(String commands) {
    try {
      return Cable.run(inside + "sh -e <<'END'\n" + commands + "\nEND\n");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
