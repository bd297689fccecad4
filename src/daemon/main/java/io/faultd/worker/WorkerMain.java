package io.faultd.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A load process: does what is read line by line from its standard input until that ends, or its
 * parent does.
 *
 * <p>Uses java.* alone, so that it needs no other class path than its own and no memory worth
 * mentioning. First in line for the OOM killer.
 *
 * <p>Reads what {@link CpuLoad#of} does, and then {@code limit PROCESSORS}, of whose time the
 * percent is from now on. Writes: {@code ready}; {@code burner CPU TID} for each thread that is to
 * be put on its processor, at first and whenever it can run elsewhere; {@code burning} (or {@code
 * starved}, if others leave it nothing at all); {@code figure GOAL SHOWN OWN} once a second, and
 * with it {@code CPU,CPU,...} that are away, where nothing burns.
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
    Optional<CpuLoad> load = Optional.empty();
    for (String line; (line = orders.readLine()) != null; ) {
      String[] order = line.split(" ", -1);
      if (order[0].equals("limit")) {
        load.orElseThrow().limit(Double.parseDouble(order[1]));
      } else {
        load = Optional.of(CpuLoad.of(order, parent));
        load.get().start();
      }
    }
    // at once: nothing of a worker is worth a tidy end
    Runtime.getRuntime().halt(0);
  }
}
