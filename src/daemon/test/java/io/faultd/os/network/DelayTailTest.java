package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cable;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The latest of packets that are held in user space: p99 of questions that are asked one after the
 * other, each beside one that is not held. What makes those late, too, is the machine. Prints what
 * it finds.
 */
@Requires({"root", "nfqueue"})
class DelayTailTest {
  private static final int QUESTIONS = 200;
  private static final long APART_NANOS = 3_000_000;

  /** Until then a try in which the machine let packets wait is no answer. */
  private static final long PATIENCE_NANOS = 90_000_000_000L;

  private static final int HELD = 7001;
  private static final int FREE = 7002;

  private final RecordedInjection on = new RecordedInjection();
  private Cable cable;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(HELD).echo(FREE);
  }

  @AfterEach
  void close() throws Exception {
    on.close();
    cable.close();
  }

  /** Questions to one port, and how long each waited for its answer. */
  private static final class Trips implements AutoCloseable {
    private final DatagramSocket socket = new DatagramSocket();
    private final long[] begun = new long[QUESTIONS];
    private final double[] millis = new double[QUESTIONS];
    private final Thread receiver;

    Trips(String address, int port) throws IOException {
      socket.setSoTimeout(5_000);
      socket.connect(InetAddress.getByName(address), port);
      receiver = Thread.ofPlatform().daemon().start(this::receive);
    }

    private void receive() {
      byte[] number = new byte[4];
      try {
        for (int i = 0; i < QUESTIONS; i++) {
          socket.receive(new DatagramPacket(number, 4));
          int which = ByteBuffer.wrap(number).getInt();
          millis[which] = (System.nanoTime() - begun[which]) / 1e6;
        }
      } catch (IOException lost) {
        Arrays.fill(millis, Double.MAX_VALUE);
      }
    }

    void ask(int which) throws IOException {
      begun[which] = System.nanoTime();
      socket.send(new DatagramPacket(ByteBuffer.allocate(4).putInt(which).array(), 4));
    }

    /** No more than one of a hundred waited longer. */
    double p99() throws InterruptedException {
      receiver.join();
      double[] sorted = millis.clone();
      Arrays.sort(sorted);
      return sorted[QUESTIONS * 99 / 100 - 1];
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "10, 10.77.0.2", "10, fd77::2",
    "100, 10.77.0.2", "100, fd77::2",
    "500, 10.77.0.2", "500, fd77::2"
  })
  void theLatestAreNotMuchLater(int delay, String address) throws Exception {
    new NetworkDelay()
        .inject(
            Flags.bind(
                "delay",
                NetworkDelay.Params.class,
                "engine=nfqueue",
                "time=" + delay,
                "remote-port=" + HELD),
            on);
    double most = Math.max(3, delay * 0.05);
    double late = Double.MAX_VALUE;
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (late > most && System.nanoTime() < end) {
      try (Trips held = new Trips(address, HELD);
          Trips free = new Trips(address, FREE)) {
        for (int i = 0; i < QUESTIONS; i++) {
          held.ask(i);
          free.ask(i);
          LockSupport.parkNanos(APART_NANOS);
        }
        double beside = free.p99();
        double seen = held.p99();
        System.out.printf(
            "delay %d ms to %s: p99 %.2f ms, beside it %.2f ms%n", delay, address, seen, beside);
        late = seen - delay - beside;
      }
    }
    assertTrue(late <= most, "p99 is %.2f ms late".formatted(late));
  }
}
