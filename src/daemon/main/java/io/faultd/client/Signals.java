package io.faultd.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import sun.misc.Signal;

/** The signals that end a command, caught. */
final class Signals {
  /** Linux's numbers. */
  private static final Map<String, Integer> NUMBERS = Map.of("HUP", 1, "INT", 2, "TERM", 15);

  private static final int KILLED = 128;

  private Signals() {}

  /** Calls back on a thread of its own for each, by its name without SIG. */
  static void caught(Consumer<String> each) {
    // one that was ignored when this process began (nohup) stays so
    NUMBERS.keySet().forEach(name -> Signal.handle(new Signal(name), s -> each.accept(name)));
  }

  /** Its number. */
  static int number(String name) {
    return NUMBERS.getOrDefault(name, 0);
  }

  /** The exit code of who was ended by it. */
  static int exitCode(String name) {
    return KILLED + number(name);
  }

  /**
   * Whether an interrupt very likely came from the keyboard: then the terminal has sent it to all
   * processes in the foreground, and a second one would make many programs give up at once.
   */
  static boolean fromTheTerminal(String name) {
    try {
      String stat = Files.readString(Path.of("/proc/self/stat"));
      // behind the name, which may have blanks: state, ppid, pgrp, session, tty_nr, tpgid
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return name.equals("INT") && !fields[4].equals("0") && fields[2].equals(fields[5]);
    } catch (IOException e) {
      return false;
    }
  }
}
