package io.faultd.os.network;

import io.faultd.fault.FaultException;
import io.faultd.rollback.Rollback;
import io.faultd.testing.FileTrial;
import java.nio.file.Path;

/** Gives orders to faults, in a program of its own that may do less, and prints what is refused. */
final class Unprivileged {
  private Unprivileged() {}

  /** A folder, and orders as {@link RefusalsTest} has them: an action, and flags behind it. */
  public static void main(String[] arguments) throws Exception {
    for (int i = 1; i < arguments.length; i++) {
      String[] words = arguments[i].split(" ", 2);
      FileTrial on = new FileTrial(new FileTrial.Journal(new Rollback(Path.of(arguments[0]))), "x");
      try {
        RefusalsTest.order(words[0], words[1].split(" ", -1), on);
        System.out.println(arguments[i] + ": is done");
      } catch (FaultException refused) {
        System.out.printf(
            "%s: %s, %s, %d left%n",
            arguments[i],
            refused.reason(),
            refused.getMessage(),
            on.steps().size() + on.holds.size());
      }
    }
    System.exit(0);
  }
}
