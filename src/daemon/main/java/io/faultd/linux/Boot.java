package io.faultd.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/** This boot of the node: its id and the time since. */
public final class Boot {
  private static final int CLOCK_BOOTTIME = 7;
  private static final Calls C = Native.bind(Calls.class);

  /** Read once: it does not change while this process lives. */
  private static volatile @Nullable String id;

  private Boot() {}

  /**
   * The id of this boot (random(4)), the same in all namespaces.
   *
   * @throws IOException if there is no procfs
   */
  public static String id() throws IOException {
    String known = id;
    if (known == null) {
      known = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
      id = known;
    }
    return known;
  }

  /** Time since the boot, sleep included (CLOCK_BOOTTIME): no change of the clock moves it. */
  public static Duration time() {
    ByteBuffer time = Native.buffer(16);
    if (C.clock_gettime(CLOCK_BOOTTIME, Native.at(time)) != 0) {
      throw new IllegalStateException("clock_gettime: errno " + Native.errno());
    }
    return Duration.ofSeconds(time.getLong(0), time.getLong(8));
  }

  /** What is called. */
  public interface Calls {
    /** See clock_gettime(2). */
    int clock_gettime(int clock, Pointer time);
  }
}
