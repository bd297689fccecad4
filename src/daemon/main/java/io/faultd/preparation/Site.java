package io.faultd.preparation;

import io.faultd.jvm.AgentLink;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One JVM: who may change its preparation now, that preparation, and the agent behind it. */
final class Site {
  /** Held while a preparation is made or ended. */
  final ReentrantLock turn = new ReentrantLock(true);

  /** Experiments that have a rule there. */
  final Set<String> rules = ConcurrentHashMap.newKeySet();

  private volatile @Nullable Preparation record;
  private volatile @Nullable AgentLink link;

  /** The preparation, if one is there or being made. */
  @Nullable Preparation record() {
    return record;
  }

  /** The agent, if one is there. */
  @Nullable AgentLink link() {
    return link;
  }

  /** Whether there is a preparation to be taken. */
  boolean running() {
    AgentLink present = link;
    return present != null && !present.ended();
  }

  void is(@Nullable Preparation newRecord, @Nullable AgentLink newLink) {
    record = newRecord;
    link = newLink;
  }
}
