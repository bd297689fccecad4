package io.faultd.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A message that the kernel sent.
 *
 * @param type nlmsg_type
 * @param sequence of the request it answers
 * @param body what follows the netlink header
 */
public record Answer(int type, int sequence, byte[] body) {
  /** The fixed header of the family. */
  public ByteBuffer header() {
    return ByteBuffer.wrap(body).order(ByteOrder.nativeOrder());
  }

  /**
   * What follows it.
   *
   * @param header its size in bytes
   */
  public Attributes attributes(int header) {
    return Attributes.of(body, header);
  }
}
