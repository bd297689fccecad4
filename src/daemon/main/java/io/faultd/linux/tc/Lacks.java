package io.faultd.linux.tc;

import io.faultd.linux.Finding;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * What the kernel lacks for our trees, found out by making one in a network namespace of its own.
 */
public final class Lacks {
  private static final Finding<Lacks> FOUND =
      new Finding<>(Lacks::tried, e -> both("traffic control cannot be tried: " + e.getMessage()));

  private final Optional<String> shaping;
  private final Optional<String> impairing;

  private Lacks(Optional<String> shaping, Optional<String> impairing) {
    this.shaping = shaping;
    this.impairing = impairing;
  }

  /** Why the rate of packets cannot be limited; empty if it can. */
  public static Optional<String> shaping() {
    return FOUND.get().shaping;
  }

  /** Why packets cannot be delayed and lost by the kernel alone; empty if they can. */
  public static Optional<String> impairing() {
    return FOUND.get().impairing;
  }

  private static Lacks both(String why) {
    return new Lacks(Optional.of(why), Optional.of(why));
  }

  private static Lacks tried() throws IOException {
    try (Network scratch = Network.fresh()) {
      int index = Rehearsal.pair(scratch, Rehearsal.Model.PLAIN);
      return new Lacks(
          tried(scratch, index, band(0, 1_000_000, 0), "htb or cls_bpf"),
          tried(scratch, index, band(1, 0, 1_000_000), "netem, htb or cls_bpf"));
    }
  }

  private static Band band(int slot, long rate, long delay) {
    byte[] program = new Program().constant(1).bytes();
    String predicate = Base64.getEncoder().encodeToString(program);
    return new Band(slot, predicate, rate, 2_000, delay, 0, 0);
  }

  private static Optional<String> tried(Network scratch, int index, Band band, String what)
      throws IOException {
    try {
      BandTree.apply(scratch, index, List.of(band));
      return Optional.empty();
    } catch (IOException e) {
      if (Finding.shortage(e)) {
        throw e; // which will pass
      }
      return Optional.of(
          "the kernel has no %s (sch_htb, cls_bpf, sch_netem): %s".formatted(what, e.getMessage()));
    }
  }
}
