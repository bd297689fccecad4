package io.faultd.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Nothing can be opened until this is closed, or this process has died.
 *
 * @param shell who gives it back
 */
public record Descriptors(Process shell) implements AutoCloseable {
  private static final String LIMIT =
      """
      now=$(prlimit --nofile --output=SOFT --noheadings --pid %1$d)
      prlimit --nofile=3: --pid %1$d && echo done
      read until_it_is_closed
      prlimit --nofile=$now: --pid %1$d
      """;

  /** Takes all away. */
  public static Descriptors none() throws Exception {
    String script = LIMIT.formatted(ProcessHandle.current().pid());
    Process shell = new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
    Descriptors made = new Descriptors(shell);
    String line = null;
    try {
      line = shell.inputReader().readLine();
    } finally {
      if (!"done".equals(line)) {
        made.close();
      }
    }
    assertEquals("done", line);
    return made;
  }

  @Override
  public void close() throws Exception {
    shell.getOutputStream().close();
    assertEquals(0, shell.waitFor(), "the limit is not as it was");
  }
}
