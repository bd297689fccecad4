package io.faultd.linux;

/** The kernel said no, by whichever way it was asked. */
public interface Refused {
  /** Why, as a number of errno(3). */
  int number();

  /** Why. */
  default Errno errno() {
    return Errno.of(number());
  }

  /** Whether it is one of these. */
  default boolean is(Errno... any) {
    for (Errno each : any) {
      if (each.number() == number()) {
        return true;
      }
    }
    return false;
  }

  /** Whether this process or node is short of something now, which says nothing about the thing. */
  default boolean shortage() {
    return is(Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENOBUFS);
  }
}
