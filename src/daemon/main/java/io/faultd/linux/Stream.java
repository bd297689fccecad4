package io.faultd.linux;

import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/**
 * A pipe or socket, opened without blocking, whose reads and writes wait until an instant and no
 * longer.
 *
 * <p>Instants are those of {@link System#nanoTime}. Not for two threads at once.
 */
public final class Stream implements AutoCloseable {
  private static final short POLLIN = 1;
  private static final short POLLOUT = 4;
  private static final short POLLERR = 8;
  private static final short POLLHUP = 16;
  private static final Calls C = Native.bind(Calls.class);

  private final Fd fd;
  private final String name;

  /**
   * Takes over a descriptor.
   *
   * @param fd opened with O_NONBLOCK
   * @param name for messages
   */
  public Stream(Fd fd, String name) {
    this.fd = fd;
    this.name = name;
  }

  /** What it is of. */
  public Fd fd() {
    return fd;
  }

  /**
   * Reads what there is, waiting for it.
   *
   * @return how many bytes; 0 at the end
   * @throws LinuxException ETIMEDOUT if nothing comes in time
   */
  public int read(byte[] room, long deadline) throws LinuxException {
    while (true) {
      long length = C.read(fd.number(), room, room.length);
      if (length >= 0) {
        return (int) length;
      }
      LinuxException refused = new LinuxException("read", Native.errno(), name);
      if (refused.is(Errno.EAGAIN)) {
        await(POLLIN, deadline, "read");
      } else if (!refused.is(Errno.EINTR)) {
        throw refused;
      }
    }
  }

  /**
   * Writes all of it.
   *
   * @throws LinuxException ETIMEDOUT if nobody takes it in time, a part may then be written; EPIPE
   *     if nobody ever will
   */
  public void write(byte[] bytes, long deadline) throws LinuxException {
    int done = 0;
    while (done < bytes.length) {
      byte[] rest = done == 0 ? bytes : java.util.Arrays.copyOfRange(bytes, done, bytes.length);
      long length = C.write(fd.number(), rest, rest.length);
      if (length >= 0) {
        done += (int) length;
        continue;
      }
      LinuxException refused = new LinuxException("write", Native.errno(), name);
      if (refused.is(Errno.EAGAIN)) {
        await(POLLOUT, deadline, "write");
      } else if (!refused.is(Errno.EINTR)) {
        throw refused;
      }
    }
  }

  /** Whether the other side has closed, with nothing left to read. */
  public boolean ended() throws LinuxException {
    int seen = poll(POLLIN, 0);
    return (seen & (POLLHUP | POLLERR)) != 0 && (seen & POLLIN) == 0;
  }

  private void await(short events, long deadline, String call) throws LinuxException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw new LinuxException(call, Errno.ETIMEDOUT.number(), name);
    }
    // rounded up: waiting for 0 ms again and again would burn
    poll(events, (int) Math.min(left / 1_000_000 + 1, Integer.MAX_VALUE));
  }

  private int poll(short events, int milliseconds) throws LinuxException {
    ByteBuffer poll = Native.buffer(8);
    poll.putInt(0, fd.number()).putShort(4, events);
    int ready = C.poll(Native.at(poll), 1, milliseconds);
    if (Native.interrupted(ready)) {
      return 0;
    }
    Native.check("poll", ready, name);
    return poll.getShort(6);
  }

  @Override
  public void close() {
    fd.close();
  }

  /** What is called. */
  public interface Calls {
    /** See read(2). */
    long read(int fd, @Out byte[] room, long size);

    /** See write(2). */
    long write(int fd, @In byte[] bytes, long size);

    /** See poll(2). */
    int poll(Pointer descriptors, long count, int milliseconds);
  }
}
