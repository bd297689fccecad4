package io.faultd.testing;

import java.util.ArrayList;
import java.util.List;

/** What tc(8) says of an interface. */
public final class Traffic {
  private Traffic() {}

  /** All qdiscs, classes and filters, as they are printed but for a count of packets. */
  public static String listing(Lab lab, String link) throws Exception {
    return listing(lab::run, link);
  }

  /** The same of this namespace. */
  public static String listing(String link) throws Exception {
    return listing(command -> Cable.run(String.join(" ", command)), link);
  }

  /** Runs a command somewhere; what it prints. */
  private interface Place {
    String run(String... command) throws Exception;
  }

  private static String listing(Place place, String link) throws Exception {
    StringBuilder listing = new StringBuilder(place.run("tc", "qdisc", "show", "dev", link));
    // those of fq_codel and sfq are flows, which are there while packets of them are
    String classes =
        place
            .run("tc", "class", "show", "dev", link)
            .replaceAll("(?m)^class (fq_codel|sfq) .*\\n", "");
    listing.append(classes);
    List<String> parents = new ArrayList<>();
    for (String line : (listing.toString()).lines().toList()) {
      String[] word = line.split(" ", -1);
      if (!word[2].equals("0:")) {
        parents.add(word[2]);
      }
    }
    for (String parent : parents) {
      listing.append(parent).append('\n');
      listing.append(place.run("tc", "filter", "show", "dev", link, "parent", parent));
    }
    return listing.toString().replaceAll("direct_packets_stat \\d+", "direct_packets_stat N");
  }
}
