package io.faultd.linux;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name that we put on everything that we leave on a node: {@code .faultd-INSTANCE-UID-N}.
 *
 * <p>Files carry it as their name, workers in their arguments, tables of nftables as {@link
 * #label}. It is how a sweep finds what no record knows of any more.
 *
 * @param instance the daemon's data folder: 8 hexadecimal digits made once
 * @param uid the experiment
 * @param number counts the things of one experiment
 */
public record Mark(String instance, String uid, int number) {
  /** What every marked file name starts with. */
  public static final String PREFIX = ".faultd-";

  private static final Pattern FORM =
      Pattern.compile("\\.faultd-([0-9a-f]{8})-([A-Za-z0-9._-]{1,64})-([0-9]{1,9})");

  /** The mark that {@code name} is; empty if it is none. */
  public static Optional<Mark> of(String name) {
    Matcher match = FORM.matcher(name);
    return match.matches()
        ? Optional.of(new Mark(match.group(1), match.group(2), Integer.parseInt(match.group(3))))
        : Optional.empty();
  }

  /** The mark as the name of a network object: as a file name, without the dot. */
  public String label() {
    return toString().substring(1);
  }

  /** The mark whose {@link #label} is {@code name}; empty if it is none. */
  public static Optional<Mark> ofLabel(String name) {
    return of("." + name);
  }

  /** The mark as a file name, at most 91 bytes. */
  @Override
  public String toString() {
    return PREFIX + instance + "-" + uid + "-" + number;
  }
}
