package io.faultd.cri;

import io.faultd.fault.FaultException;
import io.faultd.fault.Target;
import java.util.List;

/** Looks for a container, in whatever surroundings it was started: SOCKET ID. */
final class FindMain {
  private FindMain() {}

  /** Tells what came of it. */
  public static void main(String[] args) throws Exception {
    Selector wanted = new Selector(args[1], null, List.of(), null, null, null, args[0], null);
    // a daemon has loaded all of it by then, which takes longer than an answer may where all is
    // slow
    looked(wanted);
    System.out.println(looked(wanted));
  }

  private static String looked(Selector wanted) throws Exception {
    try (Target found = new ContainerFinder(List.of()).find(wanted)) {
      return "FOUND " + found.init().orElseThrow().pid();
    } catch (FaultException e) {
      return e.reason() + " " + e.getMessage();
    }
  }
}
