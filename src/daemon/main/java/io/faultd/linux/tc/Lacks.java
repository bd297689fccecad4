package io.faultd.linux.tc;

import io.faultd.linux.LinuxException;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * What the kernel lacks for our trees, found out by making one in a network namespace of its own,
 * once.
 */
public final class Lacks {
  private static final String NOTHING = "";
  private static volatile String shaping = NOTHING;
  private static volatile String impairing = NOTHING;
  private static volatile boolean known;

  private Lacks() {}

  /** Why the rate of packets cannot be limited; empty if it can. */
  public static Optional<String> shaping() {
    find();
    return Optional.of(shaping).filter(text -> !text.isEmpty());
  }

  /** Why packets cannot be delayed and lost by the kernel alone; empty if they can. */
  public static Optional<String> impairing() {
    find();
    return Optional.of(impairing).filter(text -> !text.isEmpty());
  }

  private static synchronized void find() {
    if (known) {
      return;
    }
    try (Network scratch = Network.fresh()) {
      int index = Rehearsal.pair(scratch, Rehearsal.Model.PLAIN);
      shaping = tried(scratch, index, band(0, 1_000_000, 0), "htb or cls_bpf");
      impairing = tried(scratch, index, band(1, 0, 1_000_000), "netem, htb or cls_bpf");
      known = true;
    } catch (IOException e) {
      shaping = "traffic control cannot be tried: " + e.getMessage();
      impairing = shaping;
      known = !(e instanceof LinuxException lack && lack.shortage());
    }
  }

  private static Band band(int slot, long rate, long delay) {
    byte[] program = new Program().constant(1).bytes();
    String predicate = Base64.getEncoder().encodeToString(program);
    return new Band(slot, predicate, rate, 2_000, delay, 0, 0);
  }

  private static String tried(Network scratch, int index, Band band, String what)
      throws LinuxException {
    try {
      BandTree.apply(scratch, index, List.of(band));
      return NOTHING;
    } catch (IOException e) {
      if (e instanceof LinuxException lack && lack.shortage()) {
        throw lack; // which will pass
      }
      return "the kernel has no %s (sch_htb, cls_bpf, sch_netem): %s"
          .formatted(what, e.getMessage());
    }
  }
}
