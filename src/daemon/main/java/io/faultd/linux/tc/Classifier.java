package io.faultd.linux.tc;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One program for all experiments of an interface: tells the class of a packet.
 *
 * <p>Each predicate sets its experiment's bit. Of those that limit the rate, the tightest counts;
 * those that delay or lose all add up.
 */
final class Classifier {
  private static final int BITS = 0;

  private Classifier() {}

  static Program of(List<Band> bands) {
    Program program = new Program().constant(0).keep(BITS);
    for (Band band : bands) {
      String next = "next " + band.slot();
      program.include(band.program());
      program.ifEqual(0, next).recall(BITS).or(band.bit()).keep(BITS).label(next);
    }
    List<Band> limits = new ArrayList<>(bands.stream().filter(Band::limits).toList());
    limits.sort(Comparator.comparingLong(Band::rate).thenComparing(Band::slot));
    int impairing = 0;
    for (Band band : bands) {
      impairing |= band.limits() ? 0 : band.bit();
    }
    program.constantX(0).recall(BITS).ifEqual(0, "end");
    for (Band band : limits) {
      String next = "limit " + band.slot();
      program.and(band.bit()).ifEqual(0, next).toX().go("limited").label(next).recall(BITS);
    }
    program.label("limited").recall(BITS).and(impairing).orX();
    program.or(BandTree.HANDLE | BandTree.LEAF).label("end").result();
    return program;
  }
}
