package io.faultd.os.network;

import io.faultd.fault.Effect;
import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.Cable;
import io.faultd.testing.FileTrial;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is told of netem is what it did, and what it cannot do is refused. */
final class ToldNetem {
  private static final int PACKETS = 10_000;
  private static final int PORT = 7100;

  private final Cable cable;
  private final FileTrial.Journal journal;
  private final List<String> wrong = new ArrayList<>();

  ToldNetem(Cable cable, FileTrial.Journal journal) {
    this.cable = cable;
    this.journal = journal;
  }

  /** Tries all; what was not as it should be. */
  List<String> tried() throws Exception {
    lossByOneAndByEither();
    delay();
    refusals();
    return wrong;
  }

  /** Of a packet that two lose the kernel does not say which one did. */
  private void lossByOneAndByEither() throws Exception {
    FileTrial one = lose("percent=10", "remote-port=" + PORT);
    double first = cable.lost(Cable.FAR, PORT, PACKETS);
    told("of one", one, first, first);
    FileTrial other = lose("percent=20", "remote-port=" + PORT);
    double both = cable.lost(Cable.FAR, PORT, PACKETS);
    told("of the one that was there, with another", one, first + both, first);
    told("of the other", other, both, null);
    one.destroy(false);
    double last = cable.lost(Cable.FAR, PORT, PACKETS);
    told("of the other, which is left", other, both + last, last);
    other.destroy(false);
  }

  /** Packets that were lost are those that did not arrive. */
  private void told(String whose, FileTrial on, double lost, @Nullable Double share) {
    Effect effect = on.holds.getFirst().effect();
    long hits = effect.hits() == null ? -1 : effect.hits();
    Double seen = effect.achieved();
    String text =
        String.format(
            Locale.ROOT,
            "told %s: %d packets, %.2f %%; lost: %.0f, %.2f %%",
            whose,
            hits,
            seen,
            lost * PACKETS / 100,
            share);
    System.out.println(text);
    boolean same = share == null ? seen == null : seen != null && Math.abs(seen - share) <= 0.1;
    if (!same || Math.abs(hits - lost * PACKETS / 100) > PACKETS / 1_000.0) {
      wrong.add(text);
    }
  }

  /** Nothing in the kernel says how long packets were held. */
  private void delay() throws Exception {
    FileTrial on = delay("time=20", "remote-port=7001");
    cable.roundTrips(Cable.FAR, 7001, 15);
    Effect effect = on.holds.getFirst().effect();
    if (effect.achieved() != null || !Long.valueOf(15).equals(effect.hits())) {
      wrong.add("told of a delay: " + effect);
    }
    on.destroy(false);
  }

  /** The kernel takes what it can vary by for any that is more, and tells nobody. */
  private void refusals() throws Exception {
    refused(Reason.ILLEGAL_PARAMETER, "time=3000", "offset=2148", "engine=netem");
    FileTrial first = delay("time=3000", "offset=1500", "engine=netem");
    refused(Reason.LIMIT, "time=3000", "offset=1500", "engine=netem");
    first.destroy(false);
    delay("time=3000", "offset=2147", "engine=netem").destroy(false);
  }

  private void refused(Reason reason, String... flags) throws Exception {
    String order = String.join(" ", flags);
    try {
      delay(flags).destroy(false);
      wrong.add(order + " is not refused");
    } catch (FaultException e) {
      System.out.println("refused: " + e.getMessage());
      if (e.reason() != reason || !e.field().orElse("").equals("offset")) {
        wrong.add(order + ": " + e.getMessage());
      }
    }
  }

  private FileTrial delay(String... flags) throws Exception {
    return made(new NetworkDelay(), "delay", NetworkDelay.Params.class, flags);
  }

  private FileTrial lose(String... flags) throws Exception {
    return made(new NetworkLoss(), "loss", NetworkLoss.Params.class, flags);
  }

  private <P extends Record> FileTrial made(
      Fault<P> fault, String action, Class<P> type, String... flags) throws Exception {
    FileTrial on = new FileTrial(journal, "trial");
    fault.inject(Flags.bind(action, type, flags), on);
    return on;
  }
}
