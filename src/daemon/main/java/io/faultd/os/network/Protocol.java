package io.faultd.os.network;

import java.util.List;
import java.util.Locale;

/** What is carried above IP. */
enum Protocol {
  /** TCP. */
  TCP(6),
  /** UDP. */
  UDP(17),
  /** ICMP and ICMPv6. */
  ICMP(1, 58);

  private final List<Integer> numbers;

  Protocol(Integer... numbers) {
    this.numbers = List.of(numbers);
  }

  /** The protocol that a flag names, which the spec has checked. */
  static Protocol of(String flag) {
    return valueOf(flag.toUpperCase(Locale.ROOT));
  }

  /** Its numbers in IPv4 and IPv6. */
  List<Integer> numbers() {
    return numbers;
  }

  /** Whether its packets have ports. */
  boolean hasPorts() {
    return this != ICMP;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
