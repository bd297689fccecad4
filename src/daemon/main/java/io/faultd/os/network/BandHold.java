package io.faultd.os.network;

import io.faultd.fault.Effect;
import io.faultd.fault.Effect.State;
import io.faultd.fault.Hold;
import io.faultd.fault.Undo;
import io.faultd.linux.net.Link;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.ns.Network;
import io.faultd.linux.tc.Band;
import io.faultd.linux.tc.BandTree;
import io.faultd.linux.tc.BandTree.Count;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts what bands hit. The classes of a band come and go with other experiments, so what each has
 * counted is kept; the bands themselves are steps, which outlive this.
 */
final class BandHold implements Hold {
  /** A class of an interface. */
  private record Class(int index, int id) {}

  private final List<Undo.PacketBand> bands;
  private final Map<Class, Count> seen = new HashMap<>();
  private final Map<Integer, Throughput> throughputs = new HashMap<>();
  private final Instant since = Instant.now();
  private final Bands.Asked asked;
  private Count ended = Count.NONE;
  private @Nullable Double fastest;

  BandHold(List<Undo.PacketBand> bands, Bands.Asked asked) {
    this.bands = List.copyOf(bands);
    this.asked = asked;
  }

  @Override
  public Effect effect() {
    String gone =
        "target-gone: the namespace %s is no more".formatted(bands.getFirst().network().path());
    try {
      Optional<Network> found = Network.find(bands.getFirst().network());
      if (found.isPresent()) {
        try (Network network = found.get();
            Netlink routes = Netlink.routes(network)) {
          int there = counts(routes).size();
          if (there > 0) {
            return told(State.SETTLED, null);
          }
          gone =
              stands(routes)
                  ? bands.getFirst().describe() + ": taken away by others"
                  : "target-gone: there is no interface %s any more"
                      .formatted(bands.getFirst().name());
        }
      }
    } catch (IOException e) { // which says nothing about the bands
      return told(State.DEGRADED, "the counters cannot be read: " + e.getMessage());
    }
    return new Effect(State.GONE, null, null, null, null, Instant.now(), gone);
  }

  /** Whether an interface is there that had a band. */
  private boolean stands(Netlink routes) throws IOException {
    for (Undo.PacketBand band : bands) {
      if (Link.of(routes, band.index()).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private synchronized Effect told(State state, @Nullable String detail) {
    Count all = all();
    double amount = asked.amount();
    String unit = asked.unit();
    Band band = bands.getFirst().band();
    if (band.loss() > 0) {
      // of two that lose a packet the kernel does not say which, nor how long lost ones were
      Double share = all.alone() == 0 ? null : 100.0 * all.lostAlone() / all.alone();
      return new Effect(state, amount, share, unit, all.lost(), null, since, detail);
    }
    // nothing in the kernel says how long packets were held
    Double speed = band.limits() ? fastest : null;
    return new Effect(state, amount, speed, unit, all.packets(), all.bytes(), since, detail);
  }

  /** Reads the counters; the interfaces that have classes of ours. */
  synchronized Set<Integer> counts(Netlink routes) throws IOException {
    Set<Integer> there = new HashSet<>();
    Set<Class> now = new HashSet<>();
    fastest = null;
    for (Undo.PacketBand band : bands) {
      long bytes = 0;
      for (Map.Entry<Integer, Count> each :
          BandTree.countsOf(routes, band.index(), band.band()).entrySet()) {
        Class id = new Class(band.index(), each.getKey());
        there.add(band.index());
        now.add(id);
        keep(id, each.getValue());
        bytes += each.getValue().bytes();
      }
      if (band.band().limits()) {
        fastest = Throughput.faster(fastest, throughput(band).look(bytes, System.nanoTime()));
      }
    }
    for (Class each : Set.copyOf(seen.keySet())) {
      if (!now.contains(each)) {
        forget(each);
      }
    }
    return there;
  }

  private Throughput throughput(Undo.PacketBand band) {
    return throughputs.computeIfAbsent(
        band.index(), index -> new Throughput(asked.amount(), System.nanoTime()));
  }

  private void keep(Class id, Count count) {
    Count before = seen.put(id, count);
    if (before != null && before.packets() > count.packets()) {
      ended = ended.and(before); // made anew meanwhile
    }
  }

  private void forget(Class id) {
    @Nullable Count last = seen.remove(id);
    ended = last == null ? ended : ended.and(last);
  }

  private Count all() {
    return seen.values().stream().reduce(ended, Count::and);
  }

  /** Nothing: the steps are undone by themselves. */
  @Override
  public void close() {}
}
