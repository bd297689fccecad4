package io.faultd.testing;

import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** A process that a test started, to be harmed. */
public final class Victim implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  private Victim(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** A number of seconds to sleep that no other process has in its command line. */
  public static String tag() {
    return Integer.toString(ThreadLocalRandom.current().nextInt(100_000_000, 999_999_999));
  }

  /** Sleeps. */
  public static Victim sleeping(String tag) {
    return started("sleep", tag);
  }

  /** Any program; it runs when this returns. */
  public static Victim started(String... command) {
    try {
      Victim victim =
          new Victim(
              new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
      // until the helper that started it has become it
      String program = command[0].substring(command[0].lastIndexOf('/') + 1);
      String name = program.substring(0, Math.min(15, program.length()));
      Eventually.eventually(
          name + " runs",
          () -> Procfs.HOST.stat(victim.pid()).filter(s -> s.name().equals(name)).isPresent());
      return victim;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Another JVM, running a main of ours. */
  public static Victim java(Class<?> main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-UsePerfData",
                // most of its life is its start
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return started(command.toArray(String[]::new));
  }

  /** Its pid. */
  public int pid() {
    return (int) process.pid();
  }

  /** Which process it is. */
  public ProcessIdentity identity() {
    return Procfs.HOST.identity(pid()).orElseThrow();
  }

  /** Its state as procfs has it. */
  public char state() {
    return Procfs.HOST.stat(pid()).map(stat -> stat.state()).orElse('-');
  }

  /** Whether it is alive and not stopped; it may sleep or be about to. */
  public boolean runs() {
    return "SRD".indexOf(state()) >= 0;
  }

  /** Whether it is alive. */
  public boolean alive() {
    return process.isAlive();
  }

  /** The next line that it writes. */
  public String line() throws IOException {
    return output.readLine();
  }

  /** Whether it has written a line that nobody has read. */
  public boolean hasLine() throws IOException {
    return output.ready();
  }

  /** Tells it something. */
  public void tell(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** Tells it nothing any more. */
  public void endInput() throws IOException {
    process.getOutputStream().close();
  }

  /** Waits for its end, and says how it ended. */
  public int ended() throws InterruptedException {
    return process.waitFor();
  }

  /** Stops it, as somebody else would. */
  public Victim stop() throws Exception {
    signal("STOP");
    Eventually.eventually("stopped", () -> state() == 'T');
    return this;
  }

  /** Sends it SIGKILL, with no other process in between. */
  public void kill() {
    process.toHandle().destroyForcibly();
  }

  /** Sends it a signal, as somebody else would. */
  public void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Integer.toString(pid())).start().waitFor();
  }

  /** Ends it for good. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
      output.close();
      process.getOutputStream().close();
    } catch (IOException gone) {
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
