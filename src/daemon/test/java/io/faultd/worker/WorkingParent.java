package io.faultd.worker;

import io.faultd.linux.Mark;
import io.faultd.linux.proc.Processors;
import java.io.IOException;
import java.util.stream.Collectors;

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
    worker.tell("burn total 5 0 " + processors());
    System.out.println(worker.pid());
    System.in.read();
  }

  /** All: it need not be put on them. */
  private static String processors() throws IOException {
    return Processors.online().stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
