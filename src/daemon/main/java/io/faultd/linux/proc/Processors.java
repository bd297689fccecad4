package io.faultd.linux.proc;

import io.faultd.linux.Errno;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import jnr.ffi.Pointer;

/** The processors of this node, by the numbers that the kernel gives them. */
public final class Processors {
  private static final int LONG = 8;
  private static final Calls C = Native.bind(Calls.class);

  private Processors() {}

  /** Those that are online, in order (/sys/devices/system/cpu/online). */
  public static List<Integer> online() throws IOException {
    return list(Files.readString(Path.of("/sys/devices/system/cpu/online")).strip());
  }

  /**
   * Lets a thread run on these only (sched_setaffinity(2)).
   *
   * @param thread its tid
   * @return false if the thread is gone
   * @throws LinuxException EINVAL if its cpuset has none of them
   */
  public static boolean pin(int thread, Collection<Integer> processors) throws LinuxException {
    int highest = processors.stream().mapToInt(Integer::intValue).max().orElse(0);
    int words = highest / Long.SIZE + 1;
    ByteBuffer mask = Native.buffer(words * LONG);
    for (int processor : processors) {
      int at = processor / Long.SIZE * LONG;
      mask.putLong(at, mask.getLong(at) | 1L << (processor % Long.SIZE));
    }
    if (C.sched_setaffinity(thread, mask.capacity(), Native.at(mask)) == 0) {
      return true;
    }
    LinuxException refused =
        new LinuxException("sched_setaffinity", Native.errno(), "thread " + thread);
    if (refused.is(Errno.ESRCH)) {
      return false;
    }
    throw refused;
  }

  /** Reads a list such as 0-3,7. */
  public static List<Integer> list(String text) {
    List<Integer> numbers = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String[] ends = part.split("-", -1);
      int last = Integer.parseInt(ends[ends.length - 1]);
      for (int each = Integer.parseInt(ends[0]); each <= last; each++) {
        numbers.add(each);
      }
    }
    return numbers;
  }

  /** What is called. */
  public interface Calls {
    /** See sched_setaffinity(2). */
    int sched_setaffinity(int thread, long size, Pointer mask);
  }
}
