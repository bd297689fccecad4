package io.faultd.experiment;

/**
 * Who changed something, and where from.
 *
 * @param name as the daemon knows it: of a token, of a certificate, {@code root}, {@code faultd}
 * @param from the address that it came from; of the daemon itself: what made it do so
 */
public record Actor(String name, String from) {
  private static final String OWN = "faultd";

  /** The daemon itself; {@code why} it did something unasked. */
  public static Actor own(String why) {
    return new Actor(OWN, why);
  }
}
