package io.faultd.linux.proc;

/**
 * The part of /proc/PID/stat (proc(5)) that is of use here.
 *
 * @param pid process or thread
 * @param name its command name, cut at 15 bytes by the kernel
 * @param state R running, S sleeping, D waiting for the disk, T stopped, t traced, Z zombie, ...
 * @param parent pid of the parent; 0 if that is outside of this pid namespace
 * @param flags PF_* of the kernel's linux/sched.h
 * @param startTicks clock ticks after boot at which it started
 */
public record Stat(int pid, String name, char state, int parent, long flags, long startTicks) {
  private static final long PF_EXITING = 0x00000004;
  private static final long PF_KTHREAD = 0x00200000;

  /**
   * Reads the file's text; the name may hold blanks and parentheses, so its end is the last one.
   */
  static Stat of(String text) {
    int open = text.indexOf('(');
    int close = text.lastIndexOf(')');
    String[] rest = text.substring(close + 2).split(" ", 21);
    return new Stat(
        Integer.parseInt(text.substring(0, open - 1)),
        text.substring(open + 1, close),
        rest[0].charAt(0),
        Integer.parseInt(rest[1]),
        Long.parseLong(rest[6]),
        Long.parseLong(rest[19]));
  }

  /** Whether it is a thread of the kernel, which no signal reaches. */
  public boolean kernel() {
    return (flags & PF_KTHREAD) != 0;
  }

  /** Whether it is ending: its root and its namespaces go before it is seen as ended. */
  boolean ending() {
    return (flags & PF_EXITING) != 0;
  }

  /** Whether it ended and only waits to be seen so by its parent. */
  public boolean ended() {
    return state == 'Z' || state == 'X' || state == 'x';
  }
}
