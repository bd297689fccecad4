package io.faultd.crash;

import io.faultd.linux.Boot;
import io.faultd.linux.proc.Pidfd;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Signals;
import io.faultd.testing.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * A process of the crash matrix.
 *
 * <pre>
 *   trials FOLDER SCENARIO...                            all accidents at all instants, in here
 *   halt FOLDER SCENARIO INSTANT BYSTANDERS DOOMED       one life; ends for real at an instant
 * </pre>
 */
final class CrashMain {
  private CrashMain() {}

  /** See above; exits with 1 if something was left. */
  public static void main(String[] args) throws Exception {
    quiet();
    Path base = Path.of(args[1]);
    boolean good = true;
    if (args[0].equals("trials")) {
      for (String name : Arrays.asList(args).subList(2, args.length)) {
        good &= trials(Scenario.named(name), base);
      }
    } else {
      World world = World.seen(base.resolve("work"), numbers(args[4]), numbers(args[5]));
      good = halt(Scenario.named(args[2]), base, Integer.parseInt(args[3]), world);
    }
    System.exit(good ? 0 : 1);
  }

  private static List<Integer> numbers(String text) {
    return text.isEmpty()
        ? List.of()
        : Arrays.stream(text.split(",", -1)).map(Integer::valueOf).toList();
  }

  private static boolean trials(Scenario scenario, Path base) throws Exception {
    System.out.println("SCENARIO\t" + scenario.name());
    Path work = Files.createDirectories(base.resolve("work"));
    Path data = Files.createDirectories(base.resolve("data"));
    Trials trials = new Trials(scenario, base);
    // in memory, for speed: it is not the machine that dies
    try (var fast = Kernel.tmpfs(data, "size=64m,mode=700")) {
      if (scenario.name().contains("other fs")) {
        Path other = Files.createDirectories(work.resolve(World.OTHER));
        try (var mounted = Kernel.tmpfs(other, "size=8m,mode=755")) {
          trials.all();
        }
      } else if (scenario.wired()) {
        try (var cable = Wiring.laid(base)) {
          trials.all();
        }
      } else {
        trials.all();
      }
    }
    trials.cut().forEach((kind, count) -> System.out.println("CUT\t" + kind + "\t" + count));
    trials.failures().forEach(failure -> System.out.println("FAIL\t" + failure));
    System.out.println("DONE");
    return trials.failures().isEmpty();
  }

  private static boolean halt(Scenario scenario, Path base, int instant, World world)
      throws IOException {
    Stand stand = Stand.open(base.resolve("data"), Boot.id());
    stand.engine().recover();
    Life life = new Life(scenario, world, stand, Kind.death("death"));
    Cuts.arm(instant, CrashMain::killed);
    life.run(true);
    System.out.println("SEEN\t" + Cuts.disarm().size());
    stand.close();
    return life.inPlace;
  }

  /** As the kernel, or anybody with the right to, ends a process. */
  private static void killed() {
    try {
      Pidfd.send(
          Procfs.HOST.identity((int) ProcessHandle.current().pid()).orElseThrow(),
          Signals.KILL,
          Procfs.HOST);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    Runtime.getRuntime().halt(1);
  }

  /** Only defects are told. */
  private static void quiet() {
    LogManager.getLogManager().reset();
    // below that no record is made: there is a pool of connections for each life
    Logger.getLogger("").setLevel(Level.SEVERE);
    Logger.getLogger("")
        .addHandler(
            new Handler() {
              @Override
              public void publish(LogRecord entry) {
                if (!Cuts.dead()) {
                  System.out.println("FAIL\tlogged: " + entry.getMessage() + entry.getThrown());
                }
              }

              @Override
              public void flush() {}

              @Override
              public void close() {}
            });
    Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
      if (!(e instanceof Cuts.Death)) {
        e.printStackTrace(System.out);
      }
    });
  }
}
