package io.faultd.linux.tc;

import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Attributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether what does the work of a band is there as it was made: others may delete a qdisc inside
 * our tree, or tell a class another rate, and leave all the rest.
 */
final class BandSight {
  private static final String NETEM = "netem";

  private final List<Thing> qdiscs;
  private final List<Answer> classes;

  /**
   * What is there.
   *
   * @param qdiscs of the interface
   * @param classes of the interface
   */
  BandSight(List<Thing> qdiscs, List<Answer> classes) {
    this.qdiscs = qdiscs;
    this.classes = classes;
  }

  boolean whole(Band band) {
    return band.limits() ? limited(band) : impaired(band);
  }

  /** Each class that the band's packets go to has what delays and loses in it. */
  private boolean impaired(Band band) {
    boolean any = false;
    for (Answer each : classes) {
      int id = id(each);
      if (BandTree.of(id, band.slot())) {
        any = true;
        boolean alone = (id & 0xfff) == band.bit();
        if (qdiscs.stream().noneMatch(qdisc -> impairs(qdisc, id, alone ? band : null))) {
          return false;
        }
      }
    }
    return any;
  }

  /** Whether what the packets of a class are lost by is this band and no other besides. */
  boolean losesAlone(int id, Band band) {
    return band.loss() > 0
        && qdiscs.stream()
            .filter(qdisc -> qdisc.parent() == id && qdisc.kind().equals(NETEM))
            .anyMatch(qdisc -> Queue.loses(options(qdisc), band));
  }

  private static byte[] options(Thing qdisc) {
    return Attributes.of(qdisc.attributes(), 0).bytes(Thing.TCA_OPTIONS);
  }

  private static boolean impairs(Thing qdisc, int parent, @Nullable Band alone) {
    return qdisc.parent() == parent
        && qdisc.kind().equals(NETEM)
        && (alone == null || Queue.impairs(options(qdisc), alone));
  }

  /** The class that holds all of the band's has its rate, and none of these a higher one. */
  private boolean limited(Band band) {
    boolean inner = false;
    boolean any = false;
    for (Answer each : classes) {
      int id = id(each);
      if (id == Queue.inner(band)) {
        inner = true;
      } else if (BandTree.of(id, band.slot())) {
        any = true;
      } else {
        continue;
      }
      Attributes options = each.attributes(Thing.HEADER).nested(Thing.TCA_OPTIONS);
      if (Queue.ceiling(options) != band.rate()) {
        return false;
      }
    }
    return inner && any;
  }

  private static int id(Answer answer) {
    return answer.header().getInt(8);
  }
}
