package io.faultd.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads acknowledgements (struct nlmsgerr) with their extended part. */
final class Refusal {
  private static final int NLM_F_CAPPED = 0x100;
  private static final int NLM_F_ACK_TLVS = 0x200;
  private static final int NLMSGERR_ATTR_MSG = 1;
  private static final int NLMSGERR_ATTR_OFFS = 2;
  private static final int NLMSG_DONE = 3;
  private static final int HEADER = 16;
  private static final int ERROR = 4;

  private Refusal() {}

  /**
   * What an acknowledgement says.
   *
   * @param first sequence number of the batch's first message
   * @return null if the request was carried out
   */
  static @Nullable NetlinkException of(ByteBuffer received, int at, Batch batch, int first) {
    int length = received.getInt(at);
    int number = length >= HEADER + ERROR ? -received.getInt(at + HEADER) : 0;
    if (number <= 0) {
      return null;
    }
    byte[] message = new byte[length];
    received.get(at, message);
    Attributes extended = extended(received, at, message);
    int index = received.getInt(at + 8) - first;
    List<Batch.Part> parts = batch.parts();
    String what =
        index >= 0 && index < parts.size() ? parts.get(index).what() : parts.getFirst().what();
    return new NetlinkException(
        what,
        index,
        number,
        extended.has(NLMSGERR_ATTR_MSG) ? text(extended) : null,
        extended.has(NLMSGERR_ATTR_OFFS) ? (int) extended.u32(NLMSGERR_ATTR_OFFS) : -1);
  }

  private static String text(Attributes extended) {
    return new String(extended.bytes(NLMSGERR_ATTR_MSG), StandardCharsets.UTF_8)
        .replace("\0", "")
        .strip();
  }

  /** Behind the error and as much of the request as was sent back. */
  private static Attributes extended(ByteBuffer received, int at, byte[] message) {
    int flags = received.getShort(at + 6);
    if ((flags & NLM_F_ACK_TLVS) == 0) {
      return Attributes.of(new byte[0], 0);
    }
    if (received.getShort(at + 4) == NLMSG_DONE) {
      return Attributes.of(message, HEADER + ERROR);
    }
    int request =
        (flags & NLM_F_CAPPED) != 0 ? HEADER : received.getInt(at + HEADER + ERROR) + 3 & ~3;
    return Attributes.of(message, HEADER + ERROR + request);
  }
}
