package io.faultd.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A shell that is there already, so that what it takes to start one is in no measurement. */
final class Shell implements AutoCloseable {
  private final Process process = new ProcessBuilder("sh").redirectErrorStream(true).start();
  private final OutputStream in = process.getOutputStream();
  private final BufferedReader out = process.inputReader(StandardCharsets.UTF_8);

  Shell() throws IOException {}

  /** Runs commands, each of which must succeed and print nothing. */
  void run(String... commands) throws IOException {
    String line = String.join(" && ", commands) + " && echo done || echo failed\n";
    in.write(line.getBytes(StandardCharsets.UTF_8));
    in.flush();
    String answer = out.readLine();
    if (!"done".equals(answer)) {
      throw new IOException(String.join("; ", commands) + ": " + answer);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
