package io.faultd.linux.netlink;

import io.faultd.linux.Errno;
import io.faultd.linux.Refused;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The kernel refused a message: which one, why, and where in it, as far as it tells. */
public final class NetlinkException extends IOException implements Refused {
  private static final long serialVersionUID = 1;

  private final String what;
  private final int index;
  private final int number;
  private final @Nullable String text;
  private final int offset;

  /**
   * A refusal.
   *
   * @param what the message does
   * @param index of the message in its batch
   * @param number errno(3)
   * @param text the kernel's own words (NLMSGERR_ATTR_MSG), if it has any
   * @param offset of the attribute to blame from the start of the message (NLMSGERR_ATTR_OFFS); -1
   *     if it does not say
   */
  public NetlinkException(String what, int index, int number, @Nullable String text, int offset) {
    super(message(what, number, text));
    this.what = what;
    this.index = index;
    this.number = number;
    this.text = text;
    this.offset = offset;
  }

  private static String message(String what, int number, @Nullable String text) {
    Errno errno = Errno.of(number);
    String why =
        errno == Errno.UNKNOWN ? "error " + number : errno.text() + " (" + errno.name() + ")";
    return what + ": " + why + (text == null ? "" : ": the kernel says: " + text);
  }

  /** What the refused message does. */
  public String what() {
    return what;
  }

  /** Its place in the batch, from 0. */
  public int index() {
    return index;
  }

  @Override
  public int number() {
    return number;
  }

  /** The kernel's own words. */
  public Optional<String> text() {
    return Optional.ofNullable(text);
  }

  /** Where in the message the attribute to blame is; -1 if the kernel does not say. */
  public int offset() {
    return offset;
  }

  /** Also what is busy for others, whose change comes first. */
  @Override
  public boolean shortage() {
    return Refused.super.shortage() || is(Errno.EBUSY);
  }
}
