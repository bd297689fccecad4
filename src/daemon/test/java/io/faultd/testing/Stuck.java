package io.faultd.testing;

import io.faultd.linux.Native;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import jnr.ffi.Pointer;
import org.junit.jupiter.api.Assertions;

/**
 * A program that starts a child which cannot begin before somebody writes into a pipe, and does not
 * stop until then: it waits in the kernel for the child that shares its memory.
 */
public final class Stuck {
  /** What is called. */
  public interface Calls {
    /** See posix_spawn(3). */
    int posix_spawn(
        Pointer pid, byte[] path, Pointer actions, long attributes, Pointer argv, Pointer env);

    /** See posix_spawn_file_actions_init(3). */
    int posix_spawn_file_actions_init(Pointer actions);

    /** See posix_spawn_file_actions_addopen(3). */
    int posix_spawn_file_actions_addopen(Pointer actions, int fd, byte[] path, int flags, int mode);
  }

  private static final Duration A_WHILE = Duration.ofMillis(300);

  private Stuck() {}

  /** Waits until it is where no signal reaches it; a thread may be so for a moment by itself. */
  public static void awaitStuck(Victim victim) throws Exception {
    Assertions.assertEquals("here", victim.line());
    Map<Integer, Long> since = new HashMap<>();
    Eventually.eventually(
        "a thread stays in the kernel",
        () -> {
          Set<Integer> waiting =
              Procfs.HOST.tasks(victim.pid()).stream()
                  .filter(task -> task.state() == 'D')
                  .map(Stat::pid)
                  .collect(Collectors.toSet());
          since.keySet().retainAll(waiting);
          waiting.forEach(task -> since.putIfAbsent(task, System.nanoTime()));
          return since.values().stream()
              .anyMatch(begin -> System.nanoTime() - begin > A_WHILE.toNanos());
        });
  }

  /**
   * Writes {@code here} before, and {@code through} behind.
   *
   * @param arguments the pipe
   */
  public static void main(String[] arguments) throws Exception {
    Calls c = Native.bind(Calls.class);
    ByteBuffer actions = Native.buffer(256);
    ByteBuffer pid = Native.buffer(8);
    c.posix_spawn_file_actions_init(Native.at(actions));
    c.posix_spawn_file_actions_addopen(Native.at(actions), 0, Native.text(arguments[0]), 0, 0);
    ByteBuffer name = Native.buffer(5);
    name.put(0, Native.text("true"));
    ByteBuffer argv = Native.buffer(16);
    argv.putLong(0, Native.at(name).address());
    ByteBuffer env = Native.buffer(8);
    System.out.println("here");
    c.posix_spawn(
        Native.at(pid),
        Native.text("/bin/true"),
        Native.at(actions),
        0,
        Native.at(argv),
        Native.at(env));
    System.out.println("through");
    System.in.read();
  }
}
