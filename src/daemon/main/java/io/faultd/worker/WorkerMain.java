package io.faultd.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A load process: does what is read line by line from its standard input until that ends, or its
 * parent does.
 *
 * <p>Uses java.* alone, so that it needs no other class path than its own and no memory worth
 * mentioning. First in line for the OOM killer.
 *
 * <p>Reads what {@link CpuLoad#of} does. Writes: {@code ready}, {@code burner CPU TID} for each
 * thread, {@code burning} (or {@code starved}, if others leave it nothing at all), {@code figure
 * GOAL SHOWN OWN} once a second.
 */
public final class WorkerMain {
  private static final Path OOM = Path.of("/proc/self/oom_score_adj");

  private WorkerMain() {}

  /**
   * Runs until the end of standard input.
   *
   * @param arguments {@code --instance=} and {@code --uid=}, by which a sweep finds it, {@code
   *     --parent=PID:TICKS}, and {@code --until=PID:TICKS} of a container
   */
  public static void main(String[] arguments) throws IOException {
    Files.writeString(OOM, "1000");
    ParentWatch parent = ParentWatch.start(arguments);
    parent.say("ready");
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String order; (order = orders.readLine()) != null; ) {
      CpuLoad.of(order.split(" ", -1), parent).start();
    }
    // at once: nothing of a worker is worth a tidy end
    Runtime.getRuntime().halt(0);
  }
}
