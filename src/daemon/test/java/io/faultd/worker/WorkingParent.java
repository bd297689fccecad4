package io.faultd.worker;

import io.faultd.linux.Mark;

/** A program that has a worker that burns a little, says which, and lives until it is killed. */
public final class WorkingParent {
  private WorkingParent() {}

  /**
   * Runs it.
   *
   * @param arguments the worker's uid
   */
  public static void main(String[] arguments) throws Exception {
    Worker worker = Workers.start(new Mark("0badcafe", arguments[0], 1), line -> {});
    while (!worker.ready()) {
      Thread.onSpinWait();
    }
    worker.tell("burn each 5 0 0");
    System.out.println(worker.pid());
    System.in.read();
  }
}
