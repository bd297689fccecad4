package io.faultd.linux.net;

import io.faultd.linux.Errno;
import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Attributes;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.netlink.NetlinkException;
import io.faultd.linux.netlink.Protocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A rule by which packets are routed otherwise for their mark (ip-rule(8), linux/fib_rules.h).
 *
 * @param mark that it asks for
 * @param mask the bits of a mark that it looks at
 */
public record MarkRule(int mark, int mask) {
  private static final int RTM_GETRULE = 34;
  private static final int HEADER = 12;
  private static final int FRA_FWMARK = 10;
  private static final int FRA_FWMASK = 16;

  /**
   * All of a network namespace, for both kinds of IP.
   *
   * @param network its nsfs file
   */
  public static List<MarkRule> all(String network) throws IOException {
    List<MarkRule> rules = new ArrayList<>();
    try (Netlink netlink = Netlink.open(Protocol.ROUTE, network)) {
      for (Answer answer :
          netlink.dump(
              Netlink.asking(
                  "list routing rules", RTM_GETRULE, message -> message.put(new byte[HEADER])))) {
        Attributes attributes = answer.attributes(HEADER);
        if (attributes.has(FRA_FWMARK) || attributes.has(FRA_FWMASK)) {
          int mark = attributes.has(FRA_FWMARK) ? (int) attributes.u32(FRA_FWMARK) : 0;
          int mask = attributes.has(FRA_FWMASK) ? (int) attributes.u32(FRA_FWMASK) : -1;
          rules.add(new MarkRule(mark, mask));
        }
      }
    } catch (NetlinkException e) {
      if (!e.is(Errno.EOPNOTSUPP)) { // a kernel without rules
        throw e;
      }
    }
    return rules;
  }

  /** Whether it takes a packet with this mark for another than one without any. */
  public boolean tells(int other) {
    return ((other & mask) == mark) != (mark == 0);
  }

  @Override
  public String toString() {
    return "fwmark 0x%x/0x%x".formatted(mark, mask);
  }
}
