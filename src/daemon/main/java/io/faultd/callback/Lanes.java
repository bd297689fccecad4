package io.faultd.callback;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/**
 * Who may call which server now: only so many at once, so that one that does not answer leaves
 * workers to the others; and one at a time as long as its last call failed. Thread-safe.
 */
final class Lanes {
  static final int AT_ONCE = 4;

  /** Beyond that it is forgotten which of those that nobody calls now failed. */
  private static final int MOST = 1024;

  private final Map<String, Lane> lanes = new HashMap<>();

  private static final class Lane {
    private final Queue<String> next = new ArrayDeque<>();
    private int calls;
    private boolean failed;

    private int free() {
      return (failed ? 1 : AT_ONCE) - calls;
    }
  }

  /**
   * Whether it is its turn now; if not, {@link #leave} of another gives it back.
   *
   * @param server host and port
   */
  synchronized boolean enter(String server, String uid) {
    Lane lane = lanes.computeIfAbsent(server, absent -> new Lane());
    if (lane.free() <= 0) {
      lane.next.add(uid);
      return false;
    }
    lane.calls++;
    return true;
  }

  /**
   * One whose turn it was has called.
   *
   * @param failed whether the server did not take it
   * @return whose turn it is, who must enter again; or, of a server that failed, all who wait for
   *     it, who may try later
   */
  synchronized List<String> leave(String server, boolean failed) {
    Lane lane = lanes.get(server);
    if (lane == null) {
      return List.of();
    }
    lane.calls--;
    lane.failed = failed;
    int free = failed ? lane.next.size() : Math.min(lane.free(), lane.next.size());
    List<String> next = new ArrayList<>();
    for (int i = 0; i < free; i++) {
      next.add(lane.next.remove());
    }
    if (lane.calls == 0 && lane.next.isEmpty() && (!failed || lanes.size() > MOST)) {
      lanes.remove(server);
    }
    return next;
  }
}
