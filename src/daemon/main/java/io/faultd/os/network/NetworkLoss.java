package io.faultd.os.network;

import io.faultd.fault.Aim;
import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.linux.nft.Nftables;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Loses packets by chance, each by itself, as a bad wire would: nobody is told. */
public final class NetworkLoss implements Fault<NetworkLoss.Params> {

  /**
   * The flags.
   *
   * @param traffic which packets
   * @param engine netem or nft; absent: netem where it can
   * @param percent how many, above 0 to 100
   */
  public record Params(TrafficFlags traffic, @Nullable String engine, double percent) {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    if (Loss.threshold(params.percent()) == 0) {
      throw FaultException.illegal("percent", params.percent() + " loses nothing; 0.0001 to 100");
    }
    Traffic traffic = Traffic.of(params.traffic(), on);
    if (Netem.chosen(params.engine(), traffic)) {
      Netem.lose(traffic, params.percent(), on);
      return;
    }
    Nftables.missing()
        .ifPresent(lack -> {
          throw FaultException.unsupported(Netem.blamed(params.engine(), traffic), lack);
        });
    if (!Loss.certain(params.percent())) {
      Nftables.missingRandom()
          .ifPresent(lack -> {
            throw FaultException.unsupported("percent", lack + "; only 100 can be lost");
          });
    }
    String table = on.mark().label();
    on.aim(new Aim("network", on.target().network(), traffic.describe()));
    on.engine("nft");
    on.asked(params.percent(), "%");
    TableHold hold = new TableHold(table, params.percent());
    on.hold(
        "nftables table %s: loses %s %% of %s"
            .formatted(table, params.percent(), traffic.describe()),
        hold);
    Loss loss = Loss.of(List.of(), params.percent(), on);
    hold.open(
        on.target().network(),
        traffic.interfaces(),
        FilterTable.of(table, traffic.filters(), loss));
    if (hold.counts().isEmpty()) {
      throw new FaultException(Reason.INJECT_FAILED, "table " + table + " is not there");
    }
  }
}
