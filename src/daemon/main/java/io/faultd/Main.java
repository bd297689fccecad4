package io.faultd;

import io.faultd.client.Client;
import io.faultd.experiment.AuditLine;
import io.faultd.experiment.Experiments.Swept;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Flock;
import io.faultd.linux.proc.Pidfd;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/** The entry point. */
public final class Main {
  /** How long nobody must have asked for anything. */
  private static final Duration IDLE = Duration.ofSeconds(20);

  private static final String UNWRITTEN =
      "faultd: standard output cannot be written: it is full, or nobody reads it";

  private Main() {}

  /**
   * Exits with 0 after a clean end, 1 if the start or the end failed or stdout cannot be written, 2
   * if the arguments are wrong; as client with the codes of docs/client.md.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    Optional<Arguments> plain = Arguments.plain(args);
    if (plain.isEmpty() && Client.commands().containsKey(args[0])) {
      System.exit(client().run(args));
    }
    Logging.start();
    if (plain.isPresent()) {
      Groundwork groundwork = Groundwork.begin();
      System.exit(
          plain.get().carryOut(settings -> serve(settings, groundwork), reader(), System.err));
    }
    int code =
        Commands.line(reader(), settings -> serve(settings, Groundwork.begin()), Main::sweep)
            .execute(args);
    if (code == 0 && System.out.checkError()) {
      System.err.println(UNWRITTEN);
      code = 1;
    }
    System.exit(code);
  }

  private static SettingsReader reader() {
    return new SettingsReader(System.getenv(), System.getProperties());
  }

  /** Of this program. */
  static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  private static Client client() {
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    return new Client(Commands::daemon, Main::pass, System.getenv(), out, err);
  }

  private static void pass(Process process, int signal) {
    try {
      Optional<ProcessIdentity> identity = Procfs.HOST.identity((int) process.pid());
      if (identity.isPresent()) {
        Pidfd.send(identity.get(), signal, Procfs.HOST);
      }
    } catch (LinuxException e) {
      System.err.println("faultd: signal " + signal + " could not be passed on: " + e.getMessage());
    }
  }

  private static void serve(Settings settings, Groundwork groundwork) throws InterruptedException {
    Daemon daemon = new Daemon(settings, new Parts(settings, groundwork));
    Runtime.getRuntime().addShutdownHook(new Thread(daemon::close, "faultd-end"));
    // the JVM's own handlers would exit with 143 and 130, which supervisors take for a failure
    for (String name : new String[] {"TERM", "INT"}) {
      Signal.handle(new Signal(name), signal -> new Thread(() -> end(daemon)).start());
    }
    daemon.start();
    IdleHeap.tend(IDLE);
  }

  private static void end(Daemon daemon) {
    int code = 1;
    try {
      // before the exit, whose hooks close the log while others run: it is to tell what was undone
      daemon.close();
      code = 0;
    } catch (RuntimeException | LinkageError | VirtualMachineError e) {
      // no field has it, which would be there before Logging.start
      System.getLogger(Main.class.getName())
          .log(System.Logger.Level.ERROR, "faultd did not end as it should", e);
    } finally {
      System.exit(code); // whatever it was, a daemon that is half ended must not stay
    }
  }

  private static void sweep(Settings settings, @Nullable String uid) {
    try (Flock lock = NodeLock.take(settings.node().lock())) {
      Swept swept = NodeSweep.node(uid);
      NodeSweep.print(swept, System.out);
      if (!swept.undone().isEmpty() || !swept.unsure().isEmpty()) {
        AuditLine line = AuditLine.of(uid, swept, Instant.now());
        NodeSweep.note(settings.data().dir(), line, System.err);
      }
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }
}
