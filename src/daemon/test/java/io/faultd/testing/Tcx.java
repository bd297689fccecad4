package io.faultd.testing;

import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import jnr.ffi.Pointer;

/**
 * An eBPF program on packets of an interface, as others put them there: it lets all pass to the
 * next. See linux/bpf.h.
 */
public final class Tcx implements AutoCloseable {
  private static final long BPF = System.getProperty("os.arch").equals("aarch64") ? 280 : 321;
  private static final int BPF_PROG_LOAD = 5;
  private static final int BPF_LINK_CREATE = 28;
  private static final int BPF_PROG_TYPE_SCHED_CLS = 3;
  private static final Calls C = Native.bind(Calls.class);

  private final Fd program;
  private final Fd link;

  private Tcx(Fd program, Fd link) {
    this.program = program;
    this.link = link;
  }

  /** Where it looks at packets. */
  public enum Side {
    /** Those that come in. */
    INGRESS(46),
    /** Those that go out. */
    EGRESS(47);

    private final int type;

    Side(int type) {
      this.type = type;
    }
  }

  /** Puts one on an interface of this network namespace. */
  public static Tcx on(int index, Side side) throws LinuxException {
    // r0 = TCX_NEXT (-1); exit
    ByteBuffer code =
        Native.buffer(16).putLong(0, 0xffffffff_000000b7L).putLong(8, 0x00000000_00000095L);
    ByteBuffer license = Native.buffer(4).put(0, "GPL".getBytes(StandardCharsets.US_ASCII));
    ByteBuffer load = Native.buffer(72).putInt(0, BPF_PROG_TYPE_SCHED_CLS).putInt(4, 2);
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
