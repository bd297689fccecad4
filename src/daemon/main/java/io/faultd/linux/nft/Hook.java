package io.faultd.linux.nft;

/** Where in the way of a packet through IP a chain is asked (linux/netfilter.h). */
public enum Hook {
  /** Packets that are for this network namespace itself. */
  INPUT(1),
  /** Packets that come from this network namespace itself. */
  OUTPUT(3);

  private final int number;

  Hook(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
