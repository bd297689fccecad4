package io.faultd.testing;

import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import jnr.ffi.Pointer;

/**
 * An eBPF program on packets of an interface, as others put them there: it lets all pass. See
 * linux/bpf.h.
 */
public final class Tcx implements AutoCloseable {
  private static final long BPF = System.getProperty("os.arch").equals("aarch64") ? 280 : 321;
  private static final int BPF_PROG_LOAD = 5;
  private static final int BPF_LINK_CREATE = 28;
  private static final Calls C = Native.bind(Calls.class);

  private final Fd program;
  private final Fd link;

  private Tcx(Fd program, Fd link) {
    this.program = program;
    this.link = link;
  }

  /** Where it looks at packets. */
  public enum Side {
    /** Those that come in (BPF_TCX_INGRESS of BPF_PROG_TYPE_SCHED_CLS; TCX_NEXT). */
    INGRESS(46, 3, -1),
    /** Those that go out. */
    EGRESS(47, 3, -1),
    /** Those that come in, before they are packets (BPF_XDP of BPF_PROG_TYPE_XDP; XDP_PASS). */
    XDP(37, 6, 2);

    private final int type;
    private final int program;
    private final int verdict;

    Side(int type, int program, int verdict) {
      this.type = type;
      this.program = program;
      this.verdict = verdict;
    }
  }

  /** Puts one on an interface of this network namespace. */
  public static Tcx on(int index, Side side) throws LinuxException {
    // r0 = the verdict; exit
    ByteBuffer code =
        Native.buffer(16).putLong(0, (long) side.verdict << 32 | 0xb7).putLong(8, 0x95);
    ByteBuffer license = Native.buffer(4).put(0, "GPL".getBytes(StandardCharsets.US_ASCII));
    ByteBuffer load = Native.buffer(72).putInt(0, side.program).putInt(4, 2);
    load.putLong(8, Native.at(code).address()).putLong(16, Native.at(license).address());
    Fd program = new Fd(bpf(BPF_PROG_LOAD, load));
    ByteBuffer attach = Native.buffer(64).putInt(0, program.number()).putInt(4, index);
    try {
      return new Tcx(program, new Fd(bpf(BPF_LINK_CREATE, attach.putInt(8, side.type))));
    } catch (LinuxException refused) {
      program.close();
      throw refused;
    }
  }

  private static int bpf(int command, ByteBuffer attributes) throws LinuxException {
    long got = C.syscall(BPF, command, Native.at(attributes), attributes.capacity());
    return Native.check("bpf", (int) got, "command " + command);
  }

  @Override
  public void close() {
    link.close();
    program.close();
  }

  /** What is called. */
  public interface Calls {
    /** See bpf(2). */
    long syscall(long number, int command, Pointer attributes, int size);
  }
}
