package io.faultd.linux.proc;

/**
 * One process and no other, however often its pid is used again.
 *
 * @param pid process id in the daemon's pid namespace
 * @param startTicks clock ticks after boot at which it started (field 22 of /proc/PID/stat,
 *     proc(5))
 * @param bootId /proc/sys/kernel/random/boot_id of the boot that it belongs to
 * @param unique inode of its pidfd: since Linux 6.9 one that no other process of the boot has, so
 *     that two that began within one tick are told apart; before, and 0, it says nothing
 */
public record ProcessIdentity(int pid, long startTicks, String bootId, long unique) {

  /** What procfs alone tells. */
  public ProcessIdentity(int pid, long startTicks, String bootId) {
    this(pid, startTicks, bootId, 0);
  }

  /** Whether procfs would tell the same of both. */
  boolean looksLike(ProcessIdentity other) {
    return pid == other.pid && startTicks == other.startTicks && bootId.equals(other.bootId);
  }
}
