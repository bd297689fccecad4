package io.faultd.crash;

import io.faultd.testing.Cable;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * An order of one of the network's faults, and what it does to which flows.
 *
 * @param job the order
 * @param hits which flows
 * @param loss which part of them is lost, from 0 to 1
 * @param delay how long each datagram is held, in milliseconds
 * @param rate at most so many bytes in a second; 0: no limit
 */
record NetworkFault(Scenario.Job job, Predicate<Flow> hits, double loss, int delay, long rate) {
  /** Of each limit. */
  static final int BURST = 3_200;

  /** One that a seed decides. */
  static NetworkFault random(Random random) {
    Map<String, String> flags = new TreeMap<>();
    return switch (random.nextInt(4)) {
      case 0 -> {
        int delay = 20 << random.nextInt(3);
        flags.put("time", Integer.toString(delay));
        Predicate<Flow> hits = common(flags, direction(flags, "direction", random), random);
        yield new NetworkFault(job("delay", flags), hits, 0, delay, 0);
      }
      case 1 -> {
        boolean all = random.nextInt(3) == 0;
        flags.put("percent", all ? "100" : "50");
        Predicate<Flow> hits = common(flags, direction(flags, "direction", random), random);
        yield new NetworkFault(job("loss", flags), hits, all ? 1 : 0.5, 0, 0);
      }
      case 2 -> {
        int megabits = 20 << random.nextInt(3);
        flags.put("rate", megabits + "mbit");
        flags.put("burst", Integer.toString(BURST));
        boolean in = random.nextInt(3) == 0;
        flags.put("direction", in ? "in" : "out");
        Predicate<Flow> hits = common(flags, in ? flow -> !flow.out() : Flow::out, random);
        yield new NetworkFault(job("limit", flags), hits, 0, 0, megabits * 125_000L);
      }
      default -> {
        Predicate<Flow> hits = direction(flags, "network-traffic", random);
        yield new NetworkFault(job("drop", flags), drop(flags, hits, random), 1, 0, 0);
      }
    };
  }

  /** Whether it goes on without a daemon: a queue of the kernel, which is taken away later. */
  boolean outlives() {
    return rate > 0 && "out".equals(job.flags().get("direction"));
  }

  private static Scenario.Job job(String action, Map<String, String> flags) {
    return new Scenario.Job("network", action, flags);
  }

  private static Predicate<Flow> direction(Map<String, String> flags, String name, Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> {
        flags.put(name, "in");
        yield flow -> !flow.out();
      }
      case 1 -> {
        flags.put(name, "out");
        yield Flow::out;
      }
      default -> {
        flags.put(name, "both");
        yield flow -> true;
      }
    };
  }

  /** The matchers that most actions have. */
  private static Predicate<Flow> common(
      Map<String, String> flags, Predicate<Flow> direction, Random random) {
    Predicate<Flow> hits = direction.and(ports(flags, random)).and(addresses(flags, random));
    if (random.nextBoolean()) {
      flags.put("interface", Cable.NEAR_INTERFACE);
    }
    int protocol = random.nextInt(10);
    if (protocol < 3) {
      flags.put("protocol", protocol == 0 ? "tcp" : "udp");
    }
    return protocol == 0 ? flow -> false : hits;
  }

  private static Predicate<Flow> ports(Map<String, String> flags, Random random) {
    int pair = random.nextInt(Flow.PAIRS);
    return switch (random.nextInt(5)) {
      case 0 -> {
        flags.put("remote-port", Integer.toString(Flow.remotePort(pair)));
        yield flow -> flow.pair() == pair;
      }
      case 1 -> {
        flags.put("remote-port", Flow.remotePort(0) + "-" + Flow.remotePort(pair));
        yield flow -> flow.pair() <= pair;
      }
      case 2 -> {
        flags.put("local-port", Flow.localPort(0) + "," + Flow.localPort(pair));
        yield flow -> flow.pair() == 0 || flow.pair() == pair;
      }
      case 3 -> {
        flags.put("exclude-port", Integer.toString(Flow.remotePort(pair)));
        yield flow -> flow.pair() != pair;
      }
      default -> flow -> true;
    };
  }

  private static Predicate<Flow> addresses(Map<String, String> flags, Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> {
        flags.put("destination-ip", Cable.FAR);
        yield flow -> !flow.wide();
      }
      case 1 -> {
        flags.put("destination-ip", "192.0.2.0/24,fd77::/64");
        yield Flow::wide;
      }
      case 2 -> {
        flags.put("exclude-ip", "10.77.0.0/24");
        yield Flow::wide;
      }
      case 3 -> {
        flags.put("exclude-ip", Cable.FAR_6);
        yield flow -> !flow.wide();
      }
      default -> flow -> true;
    };
  }

  /** What is dropped is seen from the packet, not from the place. */
  private static Predicate<Flow> drop(
      Map<String, String> flags, Predicate<Flow> direction, Random random) {
    int pair = random.nextInt(Flow.PAIRS);
    int port = random.nextBoolean() ? Flow.remotePort(pair) : Flow.localPort(pair);
    return direction.and(
        switch (random.nextInt(6)) {
          case 0 -> {
            flags.put("destination-port", Integer.toString(port));
            yield flow -> flow.destinationPort() == port;
          }
          case 1 -> {
            flags.put("source-port", port + "-" + (port + 1));
            yield flow -> flow.sourcePort() == port || flow.sourcePort() == port + 1;
          }
          case 2 -> {
            flags.put("destination-ip", Cable.FAR + "," + Cable.NEAR_6);
            yield flow -> flow.out() != flow.wide();
          }
          case 3 -> {
            flags.put("source-ip", "10.77.0.0/28");
            yield flow -> !flow.wide();
          }
          case 4 -> {
            flags.put("string-pattern", Flow.text(pair));
            yield flow -> flow.pair() == pair;
          }
          default -> {
            flags.put("protocol", "udp");
            flags.put("interface", Cable.NEAR_INTERFACE);
            flags.put("exclude-port", Integer.toString(port));
            yield flow -> flow.pair() != pair;
          }
        });
  }
}
