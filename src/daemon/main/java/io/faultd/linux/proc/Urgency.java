package io.faultd.linux.proc;

import io.faultd.linux.Native;
import java.nio.ByteBuffer;
import jnr.ffi.Pointer;

/** How soon a thread runs when it has something to do. */
public final class Urgency {
  private static final int SCHED_RR = 2;
  private static final int PRIO_PROCESS = 0;
  private static final int PR_SET_TIMERSLACK = 29;
  private static final int HIGH = -10;
  private static final Calls C = Native.bind(Calls.class);

  private Urgency() {}

  /**
   * Lets the calling thread run as soon as it can, and its timers end when they should: before all
   * that is not as urgent (SCHED_RR), or, where that is not allowed, with most of the processor.
   */
  public static void raise() {
    C.prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    ByteBuffer priority = Native.buffer(4).putInt(0, 1);
    // EPERM in a group of cgroup v1 without real-time
    if (C.sched_setscheduler(0, SCHED_RR, Native.at(priority)) == -1) {
      C.setpriority(PRIO_PROCESS, 0, HIGH);
    }
  }

  /** What is called. */
  public interface Calls {
    /** See prctl(2). */
    int prctl(int operation, long a, long b, long c, long d);

    /** See sched_setscheduler(2). */
    int sched_setscheduler(int thread, int policy, Pointer parameters);

    /** See setpriority(2); 0 is the calling thread. */
    int setpriority(int which, int who, int nice);
  }
}
