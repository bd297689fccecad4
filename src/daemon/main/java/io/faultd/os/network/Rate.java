package io.faultd.os.network;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many bytes may go in a second, written in bits: {@code 10mbit}, {@code 1.5gbit}. */
final class Rate {
  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,6})?)([kmgt]?)bit(?:/s)?");
  private static final Map<String, Integer> ZEROS = Map.of("", 0, "k", 3, "m", 6, "g", 9, "t", 12);

  /** A packet of 1,500 bytes then takes a second and a half. */
  private static final long SLOWEST = 1_000;

  private static final long FASTEST = 12_500_000_000L;

  private Rate() {}

  /**
   * Bytes in a second.
   *
   * @throws IllegalArgumentException saying what would be right
   */
  static long parse(String text) {
    Matcher match = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!match.matches()) {
      throw new IllegalArgumentException(
          text + " is no rate; 64kbit, 10mbit, 2.5gbit are (1 kbit is 1,000 bits in a second)");
    }
    BigDecimal bits = new BigDecimal(match.group(1)).scaleByPowerOfTen(ZEROS.get(match.group(2)));
    BigDecimal bytes = bits.divide(BigDecimal.valueOf(8), 0, RoundingMode.FLOOR);
    if (bytes.compareTo(BigDecimal.valueOf(SLOWEST)) < 0
        || bytes.compareTo(BigDecimal.valueOf(FASTEST)) > 0) {
      throw new IllegalArgumentException(text + " is out of range: 8kbit to 100gbit");
    }
    return bytes.longValueExact();
  }
}
