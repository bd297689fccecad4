package io.faultd;

import io.faultd.access.Access;
import io.faultd.access.PeerLookup;
import io.faultd.http.Backend;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.grpc.GrpcRouting;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/** The entry point, and the one place where all parts are put together. */
public final class Main implements Daemon.Wiring {
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
    Daemon daemon = new Daemon(settings, new Main());
    Runtime.getRuntime().addShutdownHook(new Thread(daemon::close, "faultd-end"));
    // the JVM's own handlers would exit with 143 and 130, which supervisors take for a failure
    for (String name : new String[] {"TERM", "INT"}) {
      Signal.handle(new Signal(name), signal -> new Thread(() -> System.exit(0)).start());
    }
    daemon.start();
    Thread.currentThread().join();
  }

  private static void sweep(Settings settings, @Nullable String uid) {
    throw new StartException("sweep is not wired in yet");
  }

  @Override
  public Daemon.Core open(Settings settings) throws IOException {
    throw new StartException("the experiments are not wired in yet");
  }

  @Override
  public void grpc(
      ListenerConfig.Builder socket, Access access, Supplier<Optional<Backend>> backend) {
    socket.addRouting(GrpcRouting.builder());
  }

  @Override
  public PeerLookup peers() {
    return (client, server) -> Optional.empty();
  }
}
