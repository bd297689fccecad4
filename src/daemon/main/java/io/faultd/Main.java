package io.faultd;

import io.faultd.linux.file.Flock;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/** The entry point. */
public final class Main {
  private Main() {}

  /**
   * Exits with 0 after a clean end, 1 if the start failed, 2 if the arguments are wrong.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    Logging.start();
    System.exit(Commands.line(Main::serve, Main::sweep).execute(args));
  }

  private static void serve(Settings settings) throws InterruptedException {
    Daemon daemon = new Daemon(settings, new Parts(settings));
    Runtime.getRuntime().addShutdownHook(new Thread(daemon::close, "faultd-end"));
    // the JVM's own handlers would exit with 143 and 130, which supervisors take for a failure
    for (String name : new String[] {"TERM", "INT"}) {
      Signal.handle(new Signal(name), signal -> new Thread(() -> end(daemon)).start());
    }
    daemon.start();
    Thread.currentThread().join();
  }

  private static void end(Daemon daemon) {
    // before the exit, whose hooks close the log while others run: it is to tell what was undone
    daemon.close();
    System.exit(0);
  }

  private static void sweep(Settings settings, @Nullable String uid) {
    try (Flock lock = NodeLock.take(settings.node().lock())) {
      NodeSweep.print(NodeSweep.node(uid), System.out);
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }
}
