package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cable;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Requires("root")
class NetworkLossTest {
  private static final int PACKETS = 10_000;
  private static final double NEAR = 1.5;

  private Cable cable;
  private final RecordedInjection on = new RecordedInjection();

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(7001).echo(7002);
  }

  @AfterEach
  void close() throws Exception {
    on.close();
    cable.close();
  }

  private void lose(String... flags) throws IOException {
    new NetworkLoss().inject(Flags.bind("loss", NetworkLoss.Params.class, flags), on);
  }

  private Effect effect() {
    return on.holds.getLast().effect();
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 10, 30})
  void losesAsManyAsAskedAndNothingElse(double percent) throws Exception {
    lose("percent=" + percent, "remote-port=7100");
    assertEquals(percent, cable.lost(Cable.FAR, 7100, PACKETS), NEAR);
    assertEquals(percent, cable.lost(Cable.FAR_6, 7100, PACKETS), NEAR);
    assertEquals(0, cable.lost(Cable.FAR, 7101, PACKETS), 0.1);
    Effect effect = effect();
    assertEquals(percent, effect.achieved(), NEAR);
    assertEquals(percent * 2 * PACKETS / 100, effect.hits(), NEAR * 2 * PACKETS / 100);
  }

  @Test
  void aShareThatIsRoundedToAllIsAll() throws Exception {
    lose("percent=99.99996", "remote-port=7001");
    assertFalse(cable.answers(Cable.FAR, 7001));
    assertEquals(Effect.State.SETTLED, effect().state());
    assertEquals(1, effect().hits());
  }

  @Test
  void severalCombine() throws Exception {
    lose("percent=20", "remote-port=7100");
    lose("percent=50", "remote-port=7100-7200");
    assertEquals(60, cable.lost(Cable.FAR, 7100, PACKETS), 2);
    assertEquals(50, cable.lost(Cable.FAR, 7101, PACKETS), 2);
    on.holds.getFirst().close();
    assertEquals(50, cable.lost(Cable.FAR, 7100, PACKETS), 2);
  }

  @Test
  void losesWhatComesInFromTheOtherSide() throws Exception {
    lose("percent=100", "direction=in", "remote-port=7001", "destination-ip=10.77.0.0/24");
    assertFalse(cable.answers(Cable.FAR, 7001));
    assertTrue(cable.answers(Cable.FAR, 7002));
    assertTrue(cable.answers(Cable.FAR_6, 7001));
    assertEquals(1, effect().hits());
  }

  @Test
  void losesByLocalPortAndProtocolInBothDirections() throws Exception {
    lose("percent=100", "direction=both", "local-port=7301-7310", "protocol=udp", "force=");
    assertFalse(cable.answers(7305, Cable.FAR, 7001, "hello"));
    assertTrue(cable.answers(7311, Cable.FAR, 7001, "hello"));
    assertEquals(1, on.warnings.size());
  }

  @Test
  void leavesExcludedPortsAndAddressesAlone() throws Exception {
    lose("percent=100", "exclude-port=7002", "exclude-ip=fd77::/64", "ignore-peer-port=true");
    assertFalse(cable.answers(Cable.FAR, 7001));
    assertTrue(cable.answers(Cable.FAR, 7002));
    assertTrue(cable.answers(Cable.FAR_6, 7001));
  }

  @Test
  void whatCanNeverBeHitIsRefused() throws Exception {
    Map<String, List<String>> wrong = new TreeMap<>();
    wrong.put("percent", List.of("percent=0"));
    wrong.put("local-port", List.of("percent=5", "protocol=icmp", "local-port=80"));
    wrong.put("remote-port", List.of("percent=5", "remote-port=80", "exclude-port=1-100"));
    wrong.put("destination-ip", List.of("percent=5", "destination-ip=::1"));
    for (Map.Entry<String, List<String>> each : wrong.entrySet()) {
      FaultException refused =
          assertThrows(FaultException.class, () -> lose(each.getValue().toArray(String[]::new)));
      assertEquals(each.getKey(), refused.field().orElse(""), refused.getMessage());
    }
    assertEquals(List.of(), on.holds);
  }
}
