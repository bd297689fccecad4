package io.faultd.crash;

import java.util.Collection;

/**
 * What becomes of a flow by all faults together.
 *
 * @param passing which part of it passes, from 0 to 1
 * @param delay how long each datagram takes at least, in milliseconds
 * @param rate at most so many bytes in a second; 0: as many as there are
 */
record Wanted(double passing, int delay, long rate) {
  /** The union of faults: losses combine, delays add up, the tightest limit counts. */
  static Wanted of(Flow flow, Collection<NetworkFault> faults) {
    double passing = 1;
    int delay = 0;
    long rate = 0;
    for (NetworkFault each : faults) {
      if (each.hits().test(flow)) {
        passing *= 1 - each.loss();
        delay += each.delay();
        rate = rate == 0 || each.rate() > 0 && each.rate() < rate ? each.rate() : rate;
      }
    }
    return new Wanted(passing, delay, rate);
  }

  /** How long bytes take on their way through a limit, in milliseconds. */
  double through(double bytes) {
    return rate == 0 ? 0 : Math.max(0, bytes) * 1000 / rate;
  }
}
