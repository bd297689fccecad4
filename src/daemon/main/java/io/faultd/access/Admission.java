package io.faultd.access;

import java.time.Duration;

/** Whether somebody is let in. */
public sealed interface Admission {
  /** It is. */
  record Admitted(Caller caller) implements Admission {}

  /** It is not; why, for the client. */
  record Refused(String why) implements Admission {}

  /** It has failed too often: what it shows is not looked at for a while. */
  record Barred(Duration left) implements Admission {}
}
