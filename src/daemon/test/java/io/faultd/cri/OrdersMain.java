package io.faultd.cri;

import io.faultd.experiment.Created;
import io.faultd.fault.FaultException;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A daemon in whatever surroundings it was started: CONTAINERD FOLDER. Takes orders by lines, and
 * answers each by one.
 *
 * <pre>
 *   create ID TARGET ACTION [FLAG VALUE]...   OK UID, or the reason and the message
 *   destroy UID                               the status
 * </pre>
 */
final class OrdersMain {
  private OrdersMain() {}

  /** See above; ends with its input. */
  public static void main(String[] args) throws Exception {
    try (Containerd containerd = Containerd.named(args[0]);
        Rig rig = new Rig(containerd, Path.of(args[1]));
        BufferedReader orders =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("> ready");
      for (String line; (line = orders.readLine()) != null; ) {
        System.out.println("> " + answer(rig, containerd, line.split(" ", -1)));
      }
    }
  }

  private static String answer(Rig rig, Containerd containerd, String[] words) {
    if (words[0].equals("destroy")) {
      return rig.engine.destroy(words[1], false).experiment().status().toString();
    }
    Container container = new Container(containerd, words[1], "", 0);
    FaultException failure;
    try {
      String[] flags = Arrays.copyOfRange(words, 4, words.length);
      Created created = rig.create(container, words[2], words[3], flags);
      if (created.failure() == null) {
        return "OK " + created.experiment().uid();
      }
      failure = created.failure();
    } catch (FaultException e) {
      failure = e;
    }
    return failure.reason() + " " + failure.getMessage();
  }
}
