package io.faultd.linux.tc;

import io.faultd.linux.Errno;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import jnr.ffi.Pointer;

/** Programs of others that see packets before the root qdisc does, and may send them elsewhere. */
public final class Foreign {
  /** Where clsact has the filters of outgoing packets: TC_H_CLSACT with TC_H_MIN_EGRESS. */
  private static final int CLSACT_EGRESS = 0xfffffff3;

  private static final long BPF = System.getProperty("os.arch").equals("aarch64") ? 280 : 321;
  private static final int BPF_PROG_QUERY = 16;
  private static final int BPF_TCX_EGRESS = 47;
  private static final int ATTRIBUTES = 64;
  private static final Calls C = Native.bind(Calls.class);

  private Foreign() {}

  /**
   * What there is of that on an interface.
   *
   * @param routes a socket of the namespace
   * @return as people call it; empty if there is nothing
   */
  public static Optional<String> before(Network network, Netlink routes, int index)
      throws IOException {
    int programs = network.inside(() -> programs(index));
    if (programs > 0) {
      return Optional.of(
          programs == 1 ? "tcx program" : "chain of %d tcx programs".formatted(programs));
    }
    Control control = new Control(routes, index);
    for (Thing each : control.qdiscs()) {
      if (each.parent() == Thing.INGRESS && each.kind().equals("clsact")) {
        return control.filters(CLSACT_EGRESS).stream()
            .map(filter -> "clsact " + filter.describe())
            .findFirst();
      }
    }
    return Optional.empty();
  }

  /** How many programs tcx (Linux 6.6) has for outgoing packets; older kernels know none. */
  private static int programs(int index) throws LinuxException {
    ByteBuffer query = Native.buffer(ATTRIBUTES);
    query.putInt(0, index).putInt(4, BPF_TCX_EGRESS);
    long done = C.syscall(BPF, BPF_PROG_QUERY, Native.at(query), ATTRIBUTES);
    if (done == -1) {
      LinuxException refused = new LinuxException("bpf", Native.errno(), "tcx");
      if (refused.is(Errno.EINVAL, Errno.ENOSYS, Errno.ENOENT, Errno.EPERM, Errno.ENODEV)) {
        return 0;
      }
      throw refused;
    }
    return query.getInt(24); // prog_cnt
  }

  /** What is called. */
  public interface Calls {
    /** See bpf(2). */
    long syscall(long number, int command, Pointer attributes, int size);
  }
}
