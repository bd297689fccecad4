package io.faultd.linux.nfqueue;

import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import jnr.ffi.Pointer;

/**
 * Memory outside of the heap, of which the kernel gives us what is touched (mmap(2)); numbers in it
 * are in the machine's order.
 */
final class Region implements AutoCloseable {
  private static final int READ_WRITE = 3;
  private static final int PRIVATE_ANONYMOUS = 0x22;

  private final Pointer start;
  private final int size;
  private boolean open = true;

  private Region(Pointer start, int size) {
    this.start = start;
    this.size = size;
  }

  /** So many bytes, all 0. */
  static Region of(int size) throws LinuxException {
    Pointer start = Calls.C.mmap(null, size, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
    if (start == null || start.address() == -1) {
      throw new LinuxException("mmap", Native.errno(), null);
    }
    return new Region(start, size);
  }

  /** Where a place in it is. */
  long address(int at) {
    return start.address() + at;
  }

  byte getByte(int at) {
    return start.getByte(at);
  }

  short getShort(int at) {
    return start.getShort(at);
  }

  int getInt(int at) {
    return start.getInt(at);
  }

  /** Copies bytes to another region. */
  void copy(int from, Region to, int at, int count) {
    start.transferTo(from, to.start, at, count);
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      Calls.C.munmap(start, size);
    }
  }
}
