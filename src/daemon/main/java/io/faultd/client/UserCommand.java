package io.faultd.client;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * The command that {@code run} was given; it has the terminal, files and environment of whoever
 * called run. The only process that the client starts.
 */
final class UserCommand {
  /** What the launcher changes for the JVM: under this and the name is what was there before. */
  private static final String SAVED = "FAULTD_RUN_";

  private static final String MARK = SAVED + "SAVED";

  private UserCommand() {}

  /**
   * Starts it.
   *
   * @throws IOException if there is no such program, or it may not be executed
   */
  static Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    giveBack(builder.environment());
    return builder.start();
  }

  /** The environment as it was before the launcher. */
  static void giveBack(Map<String, String> environment) {
    String names = environment.get(MARK);
    if (names == null) {
      return;
    }
    for (String name : List.of(names.split(" ", -1))) {
      String before = environment.remove(SAVED + name);
      if (before == null) {
        environment.remove(name);
      } else {
        environment.put(name, before);
      }
    }
    environment.remove(MARK);
  }
}
