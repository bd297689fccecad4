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

  private void chain(Filter filter, Hit hit) {
    boolean out = filter.direction() == Direction.OUT;
    String chain = filter.direction().toString();
    if (out) {
      transaction.chain(table, chain, Hook.OUTPUT, hit.holds() ? HOLDING : LOSING);
      pass(chain, hit.passed());
    } else {
      transaction.chain(table, chain, Hook.INPUT, IN_PRIORITY);
    }
    interfaces(chain, filter, out ? Fact.OUTPUT_INTERFACE : Fact.INPUT_INTERFACE);
    neighbours(chain);
    for (int i = 0; i < filter.spared().size(); i++) {
      spared(chain + "-spared-" + i, chain, filter.spared().get(i));
    }
    excluded(chain, filter.excluded());
    if (filter.anyAddress()) {
      hit(chain, filter, List.of(), hit);
      return;
    }
    for (boolean wide : new boolean[] {false, true}) {
      if (filter.possible(wide)) {
        List<Expression> parts =
            new ArrayList<>(Expression.is(new Expression.Load(Fact.FAMILY), wide ? IPV6 : IPV4));
        parts.addAll(address(chain, "source", filter.source().addresses(), wide));
        parts.addAll(address(chain, "destination", filter.destination().addresses(), wide));
        hit(chain, filter, parts, hit);
      }
    }
  }

  private void hit(String chain, Filter filter, List<Expression> addresses, Hit hit) {
    List<Expression> parts = new ArrayList<>(addresses);
    parts.addAll(protocols(chain, filter));
    parts.addAll(ports(chain, "source", filter.source().ports()));
    parts.addAll(ports(chain, "destination", filter.destination().ports()));
    parts.addAll(hit.tests());
    if (!hit.chance().isEmpty()) {
      parts.add(new Expression.Counter());
      parts.addAll(hit.chance());
    }
    parts.add(new Expression.Counter());
    parts.add(hit.fate(filter.direction()));
    transaction.rule(table, chain, parts);
  }

  private void interfaces(String chain, Filter filter, Fact name) {
    if (filter.interfaces().isEmpty()) {
      pass(chain, Expression.is(new Expression.Load(name), interfaceName("lo")));
      return;
    }
    if (filter.interfaces().size() == 1) {
      byte[] only = interfaceName(filter.interfaces().getFirst());
      pass(
          chain,
          List.of(
              new Expression.Load(name),
              new Expression.Compare(Expression.Operator.DIFFERENT, only)));
      return;
    }
    Values set =
        set(
            chain + "-interfaces",
            Values.Type.INTERFACE,
            filter.interfaces().stream().map(each -> Interval.of(interfaceName(each))).toList());
    pass(chain, List.of(new Expression.Load(name), new Expression.Lookup(set, false)));
  }

  private static byte[] interfaceName(String name) {
    return Arrays.copyOf(name.getBytes(StandardCharsets.UTF_8), INTERFACE);
  }

  /** How the next hops of IPv6 are found; those of IPv4 are, by ARP, below all this. */
  private void neighbours(String chain) {
    List<Expression> parts =
        new ArrayList<>(Expression.is(new Expression.Load(Fact.PROTOCOL), ICMPV6));
    parts.add(new Expression.Payload(Header.TRANSPORT, 0, 1));
    // router solicitation 133 to redirect 137
    parts.add(new Expression.Within(new Interval(new byte[] {-123}, new byte[] {-119})));
    pass(chain, parts);
  }

  private void spared(String name, String chain, Filter.Spared spared) {
    boolean addressed =
        !spared.source().addresses().isEmpty() || !spared.destination().addresses().isEmpty();
    for (boolean wide : addressed ? new boolean[] {false, true} : new boolean[] {false}) {
      if (addressed && !spared.possible(wide)) {
        continue;
      }
      List<Expression> parts = new ArrayList<>();
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
        Values set = addresses(chain + "-excluded", prefixes, wide);
        for (boolean source : new boolean[] {true, false}) {
          List<Expression> parts =
              new ArrayList<>(Expression.is(new Expression.Load(Fact.FAMILY), wide ? IPV6 : IPV4));
          parts.add(loadAddress(source, wide));
          parts.add(new Expression.Lookup(set, true));
          pass(chain, parts);
        }
      }
    }
    if (!excluded.ports().isEmpty()) {
      Values with = protocolSet(chain + "-excluded-protocols", Matchers.numbers(null, true));
      Values ports = portSet(chain + "-excluded-ports", excluded.ports());
      for (int offset : new int[] {0, 2}) {
        pass(
            chain,
            List.of(
                new Expression.Load(Fact.PROTOCOL),
                new Expression.Lookup(with, true),
                new Expression.Payload(Header.TRANSPORT, offset, 2),
                new Expression.Lookup(ports, true)));
      }
    }
  }

  private List<Expression> address(
      String chain, String side, List<Prefix> addresses, boolean wide) {
    if (addresses.isEmpty()) {
      return List.of();
    }
    Values set = addresses(chain + "-" + side, Prefix.disjoint(addresses, wide), wide);
    return List.of(loadAddress(side.equals("source"), wide), new Expression.Lookup(set, true));
  }

  private static Expression loadAddress(boolean source, boolean wide) {
    int length = wide ? 16 : 4;
    int first = wide ? 8 : 12;
    return new Expression.Payload(Header.NETWORK, source ? first : first + length, length);
  }

  private List<Expression> protocols(String chain, Filter filter) {
    if (filter.protocols().isEmpty()) {
      return List.of();
    }
    Expression load = new Expression.Load(Fact.PROTOCOL);
    return filter.protocols().size() == 1
        ? Expression.is(load, filter.protocols().getFirst().byteValue())
        : List.of(
            load,
            new Expression.Lookup(protocolSet(chain + "-protocols", filter.protocols()), true));
  }

  private List<Expression> ports(String chain, String side, List<Ports> ports) {
    if (ports.isEmpty()) {
      return List.of();
    }
    return List.of(
        new Expression.Payload(Header.TRANSPORT, side.equals("source") ? 0 : 2, 2),
        new Expression.Lookup(portSet(chain + "-" + side + "-ports", ports), true));
  }

  private Values addresses(String name, List<Prefix> prefixes, boolean wide) {
    return set(
        name + (wide ? "-6" : "-4"),
        wide ? Values.Type.IPV6 : Values.Type.IPV4,
        prefixes.stream().map(each -> new Interval(each.first(), each.last())).toList());
  }

  private Values portSet(String name, List<Ports> ports) {
    return set(
        name,
        Values.Type.PORT,
        ports.stream().map(each -> Interval.of16(each.first(), each.last())).toList());
  }

  private Values protocolSet(String name, List<Integer> protocols) {
    return set(
        name,
        Values.Type.PROTOCOL,
        protocols.stream().map(each -> Interval.of(new byte[] {each.byteValue()})).toList());
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
