package io.faultd.linux.proc;

/**
 * One process and no other, however often its pid is used again.
 *
 * @param pid process id in the daemon's pid namespace
 * @param startTicks clock ticks after boot at which it started (field 22 of /proc/PID/stat,
 *     proc(5))
 * @param bootId /proc/sys/kernel/random/boot_id of the boot that it belongs to
 */
public record ProcessIdentity(int pid, long startTicks, String bootId) {}
