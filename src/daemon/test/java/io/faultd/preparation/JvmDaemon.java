package io.faultd.preparation;

import io.faultd.experiment.Experiment;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** A {@link JvmNode} in a process of its own, to be killed: does what it is told line by line. */
public final class JvmDaemon {
  private JvmDaemon() {}

  /**
   * Runs until it is killed.
   *
   * @param args the data folder, and the pid of the target
   */
  public static void main(String[] args) throws Exception {
    int pid = Integer.parseInt(args[1]);
    JvmNode node = new JvmNode(Path.of(args[0]));
    System.out.println("ready");
    Experiment delay = null;
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "inject" ->
            delay =
                words.length == 1
                    ? node.inject(
                        pid, "delay", "classname", "Shop", "methodname", "price", "time", "60s")
                    : node.injectOf(
                        words[1], pid, words[2], Arrays.copyOfRange(words, 3, words.length));
        case "destroy" -> node.destroy(delay);
        case "revoke" -> {
          PreparationQuery running =
              new PreparationQuery(null, PreparationStatus.RUNNING, 0, 1, true);
          node.preparations.revoke(node.preparations.list(running).getFirst().uid());
        }
        default -> throw new IllegalArgumentException(line);
      }
      System.out.println("done");
    }
  }
}
