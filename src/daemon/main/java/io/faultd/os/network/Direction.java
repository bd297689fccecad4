package io.faultd.os.network;

import java.util.List;
import java.util.Locale;

/** Which way packets go, seen from the place that a fault works on. */
enum Direction {
  /** They come to it. */
  IN,
  /** They leave it. */
  OUT,
  /** Either. */
  BOTH;

  /** The direction that a flag names, which the spec has checked. */
  static Direction of(String flag) {
    return valueOf(flag.toUpperCase(Locale.ROOT));
  }

  /** One or both ways. */
  List<Direction> each() {
    return switch (this) {
      case IN -> List.of(IN);
      case OUT -> List.of(OUT);
      case BOTH -> List.of(OUT, IN);
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
