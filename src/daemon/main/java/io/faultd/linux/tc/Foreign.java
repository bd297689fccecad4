package io.faultd.linux.tc;

import io.faultd.linux.Errno;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import io.faultd.linux.net.Link;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jnr.ffi.Pointer;

/**
 * Programs of others on interfaces that see packets early, and may send them elsewhere: XDP, tcx,
 * filters of clsact and ingress.
 */
public final class Foreign {
  private static final long BPF = System.getProperty("os.arch").equals("aarch64") ? 280 : 321;
  private static final int BPF_PROG_QUERY = 16;
  private static final int ATTRIBUTES = 64;
  private static final Calls C = Native.bind(Calls.class);

  private Foreign() {}

  /** Which packets they see. */
  public enum Way {
    /** Those that come in, before all rules. */
    IN(46, 0xfffffff2),
    /** Those that go out, before the root qdisc. */
    OUT(47, 0xfffffff3);

    /** BPF_TCX_INGRESS and BPF_TCX_EGRESS of linux/bpf.h. */
    private final int tcx;

    /** TC_H_CLSACT with TC_H_MIN_INGRESS and TC_H_MIN_EGRESS of linux/pkt_sched.h. */
    private final int filters;

    Way(int tcx, int filters) {
      this.tcx = tcx;
      this.filters = filters;
    }
  }

  /**
   * What there is of them.
   *
   * @param programs of each interface that has one: {@code eth0 has a tcx program}
   * @param unknown why there may be more than these; empty if there are not
   */
  public record Finding(List<String> programs, Optional<String> unknown) {}

  /**
   * Looks for them on interfaces.
   *
   * @param routes a socket of the namespace
   */
  public static Finding on(Network network, Netlink routes, List<Link> links, Way way)
      throws IOException {
    Map<Integer, Integer> chains = new HashMap<>();
    Optional<String> unknown = network.inside(() -> chains(links, way, chains));
    Map<Integer, String> hooks = Control.hooks(routes);
    List<String> programs = new ArrayList<>();
    for (Link link : links) {
      int chain = chains.getOrDefault(link.index(), 0);
      String hook = hooks.getOrDefault(link.index(), "");
      if (way == Way.IN && link.xdp()) {
        programs.add(link.name() + " has an XDP program");
      } else if (chain > 0) {
        String what = chain == 1 ? "tcx program" : "chain of %d tcx programs".formatted(chain);
        programs.add(link.name() + " has a " + what);
      } else if (hook.equals("clsact") || way == Way.IN && !hook.isEmpty()) {
        new Control(routes, link.index())
            .filters(way.filters).stream()
                .findFirst()
                .map(filter -> "%s has a %s %s".formatted(link.name(), hook, filter.describe()))
                .ifPresent(programs::add);
      }
    }
    return new Finding(programs, unknown);
  }

  /**
   * How many programs tcx (Linux 6.6) has on each; older kernels know none.
   *
   * @return why that cannot be told, as in a container whose runtime keeps bpf(2) from it
   */
  private static Optional<String> chains(List<Link> links, Way way, Map<Integer, Integer> chains)
      throws LinuxException {
    for (Link link : links) {
      ByteBuffer query = Native.buffer(ATTRIBUTES);
      query.putInt(0, link.index()).putInt(4, way.tcx);
      if (C.syscall(BPF, BPF_PROG_QUERY, Native.at(query), ATTRIBUTES) != -1) {
        chains.put(link.index(), query.getInt(24)); // prog_cnt
        continue;
      }
      LinuxException refused = new LinuxException("bpf", Native.errno(), "tcx");
      if (refused.is(Errno.EPERM, Errno.EACCES)) {
        return Optional.of(String.valueOf(refused.getMessage()));
      }
      if (!refused.is(Errno.EINVAL, Errno.ENOSYS, Errno.ENOENT, Errno.ENODEV)) {
        throw refused;
      }
    }
    return Optional.empty();
  }

  /** What is called. */
  public interface Calls {
    /** See bpf(2). */
    long syscall(long number, int command, Pointer attributes, int size);
  }
}
