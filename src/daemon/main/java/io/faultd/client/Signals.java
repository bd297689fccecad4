package io.faultd.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** The signals that end a command, caught. */
final class Signals {
  /**
   * All that end a process which does nothing about them, but those that the JVM keeps for itself
   * (QUIT: it tells its threads), that tell of a mistake of the process itself, and that nobody can
   * catch. Batch systems send USR1, USR2 or XCPU some time before they kill.
   */
  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "TERM", "USR1", "USR2", "ALRM", "VTALRM", "PROF", "XCPU", "ABRT", "IO",
          "PWR", "STKFLT");

  private static final int KILLED = 128;

  private Signals() {}

  /** Calls back on a thread of its own for each, by its name without SIG. */
  static void caught(Consumer<String> each) {
    for (String name : NAMES) {
      Signal signal = new Signal(name);
      // one that was ignored when this process began (nohup) stays so
      if (Signal.handle(signal, s -> each.accept(name)).equals(SignalHandler.SIG_IGN)) {
        Signal.handle(signal, SignalHandler.SIG_IGN);
      }
    }
  }

  /** Its number. */
  static int number(String name) {
    return new Signal(name).getNumber();
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
