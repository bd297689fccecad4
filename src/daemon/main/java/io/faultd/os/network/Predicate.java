package io.faultd.os.network;

import io.faultd.linux.tc.Program;
import io.faultd.linux.tc.Program.Width;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A filter as a program of the packet filter, for traffic control: 1 for a packet that matches, 0
 * for another.
 *
 * <p>Headers are read as RFC 791 and RFC 8200 have them. Of a fragment, only the first has ports.
 */
final class Predicate {
  /** Cells of memory: what is above IP, where it begins, its ports, and whether it has any. */
  private static final int PROTOCOL = 1;

  private static final int START = 2;
  private static final int SOURCE = 3;
  private static final int DESTINATION = 4;
  private static final int PORTED = 5;

  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int FRAGMENT = 44;

  /** The index of lo in each network namespace (LOOPBACK_IFINDEX of net/flow.h). */
  private static final int LOOPBACK = 1;

  private static final int ICMPV6 = 58;

  /** Of the packet itself, which stays readable behind it (RFC 4302). */
  private static final int AUTHENTICATION = 51;

  /** Hop-by-hop options, routing, destination options. */
  private static final List<Integer> EXTENSIONS = List.of(0, 43, 60);

  /** More of them in one packet are not passed over. */
  private static final int MOST_EXTENSIONS = 4;

  private final Filter filter;
  private final Program program = new Program();
  private int labels;

  private Predicate(Filter filter) {
    this.filter = filter;
  }

  /** The program of a filter. */
  static Program of(Filter filter) {
    return new Predicate(filter).written();
  }

  private Program written() {
    program.constant(0);
    for (int cell = PROTOCOL; cell <= PORTED; cell++) {
      program.keep(cell);
    }
    program.type().ifEqual(IPV4, "4").ifEqual(IPV6, "is 6").go("no");
    program.label("is 6").go("6"); // which may be far
    program.label("4");
    if (filter.possible(false)) {
      narrow();
      tests(false);
    } else {
      program.go("no");
    }
    program.label("6");
    if (filter.possible(true)) {
      wide();
      tests(true);
    } else {
      program.go("no");
    }
    return program.label("yes").constant(1).go("end").label("no").constant(0).label("end");
  }

  /** The header of IPv4. */
  private void narrow() {
    program.load(Width.BYTE, 9).keep(PROTOCOL);
    program.headerLength().fromX().keep(START);
    program.load(Width.HALF, 6).ifAny(0x1fff, "read 4");
    program.recall(PROTOCOL).unlessEqual(AUTHENTICATION, "plain 4").recall(START).toX();
    authenticated();
    program.moreX().keep(START).loadBehind(Width.BYTE, 0).keep(PROTOCOL).label("plain 4");
    ports();
    program.label("read 4");
  }

  /** The header of IPv6 and those behind it. */
  private void wide() {
    program.load(Width.BYTE, 6).keep(PROTOCOL).constant(40).keep(START);
    for (int i = 0; i < MOST_EXTENSIONS; i++) {
      String extension = "extension " + i;
      program.recall(PROTOCOL);
      EXTENSIONS.forEach(each -> program.ifEqual(each, extension));
      String authentication = "authentication " + i;
      String length = "length " + i;
      program.ifEqual(AUTHENTICATION, authentication).go("above");
      program.label(extension).recall(START).toX();
      program.loadBehind(Width.BYTE, 1).more(1).left(3).go(length); // in 8 bytes, without the first
      program.label(authentication).recall(START).toX();
      authenticated();
      program.label(length).moreX().keep(START);
      program.loadBehind(Width.BYTE, 0).keep(PROTOCOL);
    }
    program.label("above").recall(PROTOCOL).unlessEqual(FRAGMENT, "whole");
    program.recall(START).toX().loadBehind(Width.BYTE, 0).keep(PROTOCOL);
    program.loadBehind(Width.HALF, 2).ifAny(0xfff8, "read 6");
    program.recall(START).more(8).keep(START).label("whole");
    ports();
    program.label("read 6");
  }

  /** The length of what is X behind: in units of 4 bytes, without the first two. */
  private void authenticated() {
    program.loadBehind(Width.BYTE, 1).more(2).left(2);
  }

  /** Those of TCP and UDP, which have them at the same place. */
  private void ports() {
    String yes = label();
    String none = label();
    program.recall(PROTOCOL).ifEqual(6, yes).unlessEqual(17, none).label(yes);
    program.recall(START).toX();
    program.loadBehind(Width.HALF, 0).keep(SOURCE);
    program.loadBehind(Width.HALF, 2).keep(DESTINATION);
    program.constant(1).keep(PORTED).label(none);
  }

  private void tests(boolean wide) {
    if (!filter.protocols().isEmpty()) {
      String next = label();
      program.recall(PROTOCOL);
      for (int each : filter.protocols()) {
        program.ifEqual(each, next);
      }
      program.go("no").label(next);
    }
    int source = wide ? 8 : 12;
    int destination = wide ? 24 : 16;
    require(filter.source(), SOURCE, source, wide); // first, since most packets are others'
    require(filter.destination(), DESTINATION, destination, wide);
    if (wide && filter.canBe(ICMPV6)) {
      neighbours();
    }
    filter.passing().stream()
        .filter(each -> each.possible(wide))
        .forEach(each -> spare(each, source, destination, wide));
    exclude(source, destination, wide);
    program.go("yes");
  }

  /**
   * How the next hops of IPv6 are found: from router solicitation (133) to redirect (137), and from
   * multicast listener query (130) to done (132) and the report of version 2 (143), without which
   * switches pass on no solicitation of a neighbour.
   */
  private void neighbours() {
    String none = label();
    String some = label();
    program.recall(PROTOCOL).ifEqual(ICMPV6, some).go(none).label(some);
    program.recall(START).toX().loadBehind(Width.BYTE, 0);
    String other = label();
    program.unlessAtLeast(130, other).ifAbove(137, other).go("no").label(other);
    program.unlessEqual(143, none).go("no").label(none);
  }

  private void spare(Filter.Spared spared, int source, int destination, boolean wide) {
    String none = label();
    if (spared.loopback()) {
      String some = label();
      program.interfaceIndex().ifEqual(LOOPBACK, some).go(none).label(some);
    }
    if (spared.protocol() != 0) {
      String some = label();
      program.recall(PROTOCOL).ifEqual(spared.protocol(), some).go(none).label(some);
    }
    one(spared.source(), SOURCE, source, wide, none);
    one(spared.destination(), DESTINATION, destination, wide, none);
    program.go("no").label(none);
  }

  private void exclude(int source, int destination, boolean wide) {
    for (Prefix each : Prefix.disjoint(filter.excluded().addresses(), wide)) {
      address(each, source, "no");
      address(each, destination, "no");
    }
    if (!filter.excluded().ports().isEmpty()) {
      String none = label();
      String some = label();
      String later = label();
      program.recall(PORTED).ifAny(1, some);
      // the rest of a fragmented packet, whose ports are unknown: better too few than one of those
      program.recall(PROTOCOL).ifEqual(6, later).ifEqual(17, later).go(none);
      program.label(later).go("no").label(some);
      port(filter.excluded().ports(), SOURCE, "no");
      port(filter.excluded().ports(), DESTINATION, "no");
      program.label(none);
    }
  }

  private void require(Filter.Side side, int cell, int offset, boolean wide) {
    one(side, cell, offset, wide, "no");
  }

  /** To the label, which may be far, unless a side is one of these. */
  private void one(Filter.Side side, int cell, int offset, boolean wide, String otherwise) {
    if (!side.addresses().isEmpty()) {
      String next = label();
      Prefix.disjoint(side.addresses(), wide).forEach(each -> address(each, offset, next));
      program.go(otherwise).label(next);
    }
    if (!side.ports().isEmpty()) {
      String next = label();
      String some = label();
      program.recall(PORTED).ifAny(1, some).go(otherwise).label(some);
      port(side.ports(), cell, next);
      program.go(otherwise).label(next);
    }
  }

  /** To the label, which may be far, if a port is one of these. */
  private void port(List<Ports> ports, int cell, String far) {
    program.recall(cell);
    for (Ports each : ports) {
      String other = label();
      program.unlessAtLeast(each.first(), other).ifAbove(each.last(), other).go(far).label(other);
    }
  }

  /** To the label, which may be far, if an address begins so. */
  private void address(Prefix prefix, int offset, String far) {
    String other = label();
    ByteBuffer words = ByteBuffer.wrap(prefix.first());
    int bits = prefix.bits();
    for (int word = 0; bits > 0; word++, bits -= Integer.SIZE) {
      program.load(Width.WORD, offset + word * Integer.BYTES);
      if (bits < Integer.SIZE) {
        program.and(-1 << Integer.SIZE - bits);
      }
      program.unlessEqual(words.getInt(), other);
    }
    program.go(far).label(other);
  }

  private String label() {
    return "label " + labels++;
  }
}
