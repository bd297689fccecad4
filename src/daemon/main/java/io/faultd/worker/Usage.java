package io.faultd.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What processors did since boot, as /proc/stat counts it (proc(5)). Uses java.* alone.
 *
 * <p>What a hypervisor gave to others (steal) is in neither number: this node did not have it.
 *
 * @param busy ticks in which each did something
 * @param all ticks of each; {@link #ABSENT} while it is offline
 */
record Usage(long[] busy, long[] all) {
  private static final long ABSENT = -1;
  private static final int IDLE = 4;
  private static final int IOWAIT = 5;

  /** user, nice, system, idle, iowait, irq, softirq; steal is next, guests are in user and nice. */
  private static final int FIELDS = 7;

  static Usage read(Path stat, int[] processors) throws IOException {
    long[] busy = new long[processors.length];
    long[] all = new long[processors.length];
    String text = new String(Files.readAllBytes(stat), StandardCharsets.US_ASCII);
    for (int i = 0; i < processors.length; i++) {
      String start = "\ncpu" + processors[i] + " ";
      int at = text.indexOf(start);
      if (at < 0) {
        all[i] = ABSENT;
        continue;
      }
      String[] fields = text.substring(at + 1, text.indexOf('\n', at + 1)).split(" ", -1);
      for (int field = 1; field <= FIELDS; field++) {
        long ticks = Long.parseLong(fields[field]);
        all[i] += ticks;
        busy[i] += field == IDLE || field == IOWAIT ? 0 : ticks;
      }
    }
    return new Usage(busy, all);
  }

  /** Whether one of them is online. */
  boolean has(int index) {
    return all[index] != ABSENT;
  }

  /** How busy each was since then, in percent; 0 for one that is not, or was not, online. */
  double[] since(Usage before) {
    double[] percent = new double[all.length];
    for (int i = 0; i < all.length; i++) {
      long ticks = has(i) && before.has(i) ? all[i] - before.all[i] : 0;
      percent[i] = ticks <= 0 ? 0 : 100.0 * (busy[i] - before.busy[i]) / ticks;
    }
    return percent;
  }
}
