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
    try (Target found = new ContainerFinder(List.of()).find(wanted)) {
      System.out.println("FOUND " + found.init().orElseThrow().pid());
    } catch (FaultException e) {
      System.out.println(e.reason() + " " + e.getMessage());
    }
  }
}
