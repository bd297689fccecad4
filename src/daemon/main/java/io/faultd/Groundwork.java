package io.faultd;

import io.faultd.linux.Capabilities;
import io.faultd.linux.nfqueue.DelayLine;
import io.faultd.linux.nft.Nftables;
import io.faultd.linux.tc.Lacks;
import io.faultd.spec.Specs;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * What of a start depends on no setting: the specs of the jar, and what this node can do. Begun on
 * a thread of its own before the settings are read, for each of the two takes a third of the start.
 */
final class Groundwork {
  private static final Path PROC = Path.of("/proc");

  private static final Capabilities CAPABILITIES =
      new Capabilities(
          PROC,
          Map.of(
              Capabilities.NFTABLES,
              Nftables::missing,
              Capabilities.NFQUEUE,
              DelayLine::missing,
              Capabilities.HTB,
              Lacks::shaping,
              Capabilities.NETEM,
              Lacks::impairing,
              Capabilities.PACKET_DELAY,
              Capabilities.either(Lacks::impairing, DelayLine::missing),
              Capabilities.PACKET_LIMIT,
              Capabilities.either(Lacks::shaping, DelayLine::missing),
              Capabilities.PACKET_LOSS,
              Capabilities.either(Lacks::impairing, Nftables::missing)));

  private final Missing missing = new Missing(CAPABILITIES::missing, System::nanoTime);
  private final FutureTask<Specs> specs = new FutureTask<>(() -> Specs.load(null));

  private Groundwork() {}

  /** Begins; returns at once. */
  static Groundwork begin() {
    Groundwork begun = new Groundwork();
    Thread.ofPlatform()
        .name("faultd-groundwork")
        .daemon()
        .start(() -> {
          begun.specs.run();
          new FutureTask<>(begun.missing::missing).run(); // if it fails, whoever asks is told
        });
    return begun;
  }

  /** The specs of the jar. */
  Specs specs() {
    return of(specs);
  }

  /** What this node lacks, by name, and why. */
  Missing missing() {
    return missing;
  }

  private static <T> T of(Future<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted while the specs were read", e);
    }
  }
}
