package io.faultd.os.network;

import io.faultd.linux.nft.Expression;
import io.faultd.linux.nft.Expression.Fact;
import io.faultd.linux.nft.Expression.Header;
import io.faultd.linux.nft.Expression.Verdict;
import io.faultd.linux.nft.Expression.Verdict.Fate;
import io.faultd.linux.nft.Hook;
import io.faultd.linux.nft.Interval;
import io.faultd.linux.nft.Transaction;
import io.faultd.linux.nft.Values;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A table of ours in the making: a chain for each way that packets go, in which rules first let
 * pass what is not meant, and then count what is and do something with it.
 *
 * <p>Packets that go out are looked at before anything translates their addresses, so as the
 * program sent them; those that come in after everything has, so as the program gets them.
 */
final class FilterTable {
  /**
   * Before connection tracking (-200) and what turns it off (-300), behind defragmentation (-400).
   */
  private static final int HOLDING = -310;

  /** Before those that hold packets; see {@link Marks}. */
  private static final int LOSING = -311;

  /** Behind filters (0) and source address translation (100), which undoes a destination's. */
  private static final int IN_PRIORITY = 150;

  private static final Verdict PASS = new Verdict(Fate.ACCEPT);
  private static final byte IPV4 = 2;
  private static final byte IPV6 = 10;
  private static final byte ICMPV6 = 58;
  private static final int INTERFACE = 16;

  private final String table;
  private final Transaction transaction;
  private final Set<String> made = new HashSet<>();

  private FilterTable(String table) {
    this.table = table;
    this.transaction = new Transaction().table(table);
  }

  /**
   * The changes that make a table.
   *
   * @param table its name
   * @param filters one for each direction
   * @param hit what is done with packets that match, behind the counter
   */
  static Transaction of(String table, List<Filter> filters, Hit hit) {
    FilterTable whole = new FilterTable(table);
    for (Filter filter : filters) {
      whole.chain(filter, hit);
    }
    return whole.transaction;
  }

  /**
   * Packets that do not match leave the first chain at once, so that those of others pass as few
   * rules as there can be; what of the rest is left alone is seen in a second one.
   */
  private void chain(Filter filter, Hit hit) {
    boolean out = filter.direction() == Direction.OUT;
    String asked = filter.direction().toString();
    String met = asked + "-met";
    transaction.chain(table, met);
    if (out) {
      transaction.chain(table, asked, Hook.OUTPUT, hit.holds() ? HOLDING : LOSING);
    } else {
      transaction.chain(table, asked, Hook.INPUT, IN_PRIORITY);
    }
    meant(asked, met, filter);
    if (out) {
      pass(met, hit.passed());
    }
    interfaces(met, filter, interfaceFact(out));
    if (filter.canBe(ICMPV6)) {
      neighbours(met);
    }
    List<Filter.Spared> passing = filter.passing();
    for (int i = 0; i < passing.size(); i++) {
      spared(asked + "-spared-" + i, met, passing.get(i), interfaceFact(out));
    }
    excluded(met, filter.excluded());
    hit(met, filter.direction(), hit);
  }

  private static Fact interfaceFact(boolean out) {
    return out ? Fact.OUTPUT_INTERFACE : Fact.INPUT_INTERFACE;
  }

  private void meant(String chain, String next, Filter filter) {
    List<Expression> above = new ArrayList<>(protocols(chain, filter));
    above.addAll(ports(chain, "source", filter.source().ports()));
    above.addAll(ports(chain, "destination", filter.destination().ports()));
    above.add(new Expression.Go(next));
    if (filter.anyAddress()) {
      transaction.rule(table, chain, above);
      return;
    }
    for (boolean wide : new boolean[] {false, true}) {
      if (filter.possible(wide)) {
        List<Expression> parts =
            new ArrayList<>(Expression.is(new Expression.Load(Fact.FAMILY), wide ? IPV6 : IPV4));
        parts.addAll(address(chain, "source", filter.source().addresses(), wide));
        parts.addAll(address(chain, "destination", filter.destination().addresses(), wide));
        parts.addAll(above);
        transaction.rule(table, chain, parts);
      }
    }
  }

  private void hit(String chain, Direction direction, Hit hit) {
    List<Expression> parts = new ArrayList<>(hit.tests());
    if (!hit.chance().isEmpty()) {
      parts.add(new Expression.Counter());
      parts.addAll(hit.chance());
    }
    parts.add(new Expression.Counter());
    parts.add(hit.fate(direction));
    transaction.rule(table, chain, parts);
  }

  private void interfaces(String chain, Filter filter, Fact name) {
    if (filter.interfaces().isEmpty()) {
      pass(chain, Expression.is(new Expression.Load(name), interfaceName(Filter.LOOPBACK)));
      return;
    }
    List<Interval> names =
        filter.interfaces().stream().map(each -> Interval.of(interfaceName(each))).toList();
    List<Expression> others = new ArrayList<>(List.of(new Expression.Load(name)));
    if (names.size() == 1) {
      others.add(new Expression.Compare(Expression.Operator.DIFFERENT, names.getFirst().first()));
    } else {
      Values set = set(chain + "-interfaces", Values.Type.INTERFACE, names);
      others.add(new Expression.Lookup(set, false));
    }
    pass(chain, others);
  }

  private static byte[] interfaceName(String name) {
    return Arrays.copyOf(name.getBytes(StandardCharsets.UTF_8), INTERFACE);
  }

  /** How the next hops of IPv6 are found; those of IPv4 are, by ARP, below all this. */
  private void neighbours(String chain) {
    // from multicast listener query to redirect, and report of version 2 (see Predicate)
    for (int[] types : new int[][] {{130, 137}, {143, 143}}) {
      List<Expression> parts =
          new ArrayList<>(Expression.is(new Expression.Load(Fact.PROTOCOL), ICMPV6));
      parts.add(new Expression.Payload(Header.TRANSPORT, 0, 1));
      byte[] first = {(byte) types[0]};
      byte[] last = {(byte) types[1]};
      parts.add(new Expression.Within(new Interval(first, last)));
      pass(chain, parts);
    }
  }

  private void spared(String name, String chain, Filter.Spared spared, Fact by) {
    boolean addressed =
        !spared.source().addresses().isEmpty() || !spared.destination().addresses().isEmpty();
    for (boolean wide : addressed ? new boolean[] {false, true} : new boolean[] {false}) {
      if (addressed && !spared.possible(wide)) {
        continue;
      }
      List<Expression> parts = new ArrayList<>();
      if (spared.loopback()) {
        parts.addAll(Expression.is(new Expression.Load(by), interfaceName(Filter.LOOPBACK)));
      }
      if (addressed) {
        parts.addAll(Expression.is(new Expression.Load(Fact.FAMILY), wide ? IPV6 : IPV4));
        parts.addAll(address(name, "source", spared.source().addresses(), wide));
        parts.addAll(address(name, "destination", spared.destination().addresses(), wide));
      }
      if (spared.protocol() != 0) {
        parts.addAll(Expression.is(new Expression.Load(Fact.PROTOCOL), (byte) spared.protocol()));
      }
      parts.addAll(ports(name, "source", spared.source().ports()));
      parts.addAll(ports(name, "destination", spared.destination().ports()));
      pass(chain, parts);
    }
  }

  private void excluded(String chain, Filter.Side excluded) {
    for (boolean wide : new boolean[] {false, true}) {
      List<Prefix> prefixes = Prefix.disjoint(excluded.addresses(), wide);
      if (!prefixes.isEmpty()) {
        Expression among = addresses(chain + "-excluded", prefixes, wide);
        for (boolean source : new boolean[] {true, false}) {
          List<Expression> parts =
              new ArrayList<>(Expression.is(new Expression.Load(Fact.FAMILY), wide ? IPV6 : IPV4));
          parts.add(loadAddress(source, wide));
          parts.add(among);
          pass(chain, parts);
        }
      }
    }
    if (!excluded.ports().isEmpty()) {
      Expression with = protocols(chain + "-excluded-protocols", Matchers.numbers(null, true));
      Expression ports = ports(chain + "-excluded-ports", excluded.ports());
      for (int offset : new int[] {0, 2}) {
        pass(
            chain,
            List.of(
                new Expression.Load(Fact.PROTOCOL),
                with,
                new Expression.Payload(Header.TRANSPORT, offset, 2),
                ports));
      }
    }
  }

  private List<Expression> address(
      String chain, String side, List<Prefix> addresses, boolean wide) {
    return addresses.isEmpty()
        ? List.of()
        : List.of(
            loadAddress(side.equals("source"), wide),
            addresses(chain + "-" + side, Prefix.disjoint(addresses, wide), wide));
  }

  private static Expression loadAddress(boolean source, boolean wide) {
    int length = wide ? 16 : 4;
    int first = wide ? 8 : 12;
    return new Expression.Payload(Header.NETWORK, source ? first : first + length, length);
  }

  private List<Expression> protocols(String chain, Filter filter) {
    return filter.protocols().isEmpty()
        ? List.of()
        : List.of(
            new Expression.Load(Fact.PROTOCOL),
            protocols(chain + "-protocols", filter.protocols()));
  }

  private List<Expression> ports(String chain, String side, List<Ports> ports) {
    return ports.isEmpty()
        ? List.of()
        : List.of(
            new Expression.Payload(Header.TRANSPORT, side.equals("source") ? 0 : 2, 2),
            ports(chain + "-" + side + "-ports", ports));
  }

  private Expression addresses(String name, List<Prefix> prefixes, boolean wide) {
    return among(
        name + (wide ? "-6" : "-4"),
        wide ? Values.Type.IPV6 : Values.Type.IPV4,
        prefixes.stream().map(each -> new Interval(each.first(), each.last())).toList());
  }

  private Expression ports(String name, List<Ports> ports) {
    return among(
        name,
        Values.Type.PORT,
        ports.stream().map(each -> Interval.of16(each.first(), each.last())).toList());
  }

  private Expression protocols(String name, List<Integer> protocols) {
    return among(
        name,
        Values.Type.PROTOCOL,
        protocols.stream().map(each -> Interval.of(new byte[] {each.byteValue()})).toList());
  }

  /** Tests whether a loaded value is one of these. A set costs more to make than all else. */
  private Expression among(String name, Values.Type type, List<Interval> intervals) {
    if (intervals.size() > 1) {
      return new Expression.Lookup(set(name, type, intervals), true);
    }
    Interval only = intervals.getFirst();
    return only.single()
        ? new Expression.Compare(Expression.Operator.EQUAL, only.first())
        : new Expression.Within(only);
  }

  /** Each set once, however many rules look things up in it. */
  private Values set(String name, Values.Type type, List<Interval> intervals) {
    Values set = new Values(name, type, intervals);
    if (made.add(name)) {
      transaction.set(table, set);
    }
    return set;
  }

  private void pass(String chain, List<Expression> tests) {
    List<Expression> parts = new ArrayList<>(tests);
    parts.add(PASS);
    transaction.rule(table, chain, parts);
  }

  /** What is done with packets that match. */
  interface Hit {
    /** Further tests. */
    default List<Expression> tests() {
      return List.of();
    }

    /** What decides by chance; a counter of its own, before it, tells out of how many. */
    default List<Expression> chance() {
      return List.of();
    }

    /** Whether they are held and sent again. */
    boolean holds();

    /** Tests whether they were hit already. */
    List<Expression> passed();

    /** What becomes of them. */
    Expression fate(Direction direction);
  }
}
