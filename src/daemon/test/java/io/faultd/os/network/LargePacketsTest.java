package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cable;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What TCP hands to an interface that cuts it to segments (GSO) is one packet to a fault. */
@Requires("root")
class LargePacketsTest {
  private static final double PERCENT = 2;
  private static final double NEAR = 1.5;
  private static final int BYTES = 96 << 20;

  /** What one segment has at most. */
  private static final int SEGMENT = 1500;

  private Cable cable;
  private final RecordedInjection on = new RecordedInjection();

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open();
  }

  @AfterEach
  void close() throws Exception {
    on.close();
    cable.close();
  }

  private static long sent() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/net/dev"))) {
      String[] words = line.strip().split("[:\\s]+", -1);
      if (words[0].equals("fa")) {
        return Long.parseLong(words[9]);
      }
    }
    throw new IOException("there is no fa");
  }

  /** Bytes in each packet that was lost, on average. */
  private double lost() throws Exception {
    String[] flags = {"percent=" + PERCENT, "protocol=tcp", "interface=fa"};
    new NetworkLoss().inject(Flags.bind("loss", NetworkLoss.Params.class, flags), on);
    long before = sent();
    cable.transfer(Cable.FAR, BYTES);
    Effect effect = on.holds.getLast().effect();
    double bytes = 100.0 * effect.bytes() / (sent() - before + effect.bytes());
    assertEquals(PERCENT, effect.achieved(), NEAR, "of packets");
    assertEquals(PERCENT, bytes, NEAR, "of bytes");
    return (double) effect.bytes() / effect.hits();
  }

  @Test
  void oneIsLostAsAWholeAndTheShareOfBytesIsAsAsked() throws Exception {
    assertTrue(lost() > 2 * SEGMENT);
  }

  @Test
  void whereTheInterfaceIsToldToTakeNoneEachSegmentIsLostByItself() throws Exception {
    Cable.run("ip link set dev fa gso_max_segs 1");
    assertTrue(lost() <= SEGMENT);
  }
}
