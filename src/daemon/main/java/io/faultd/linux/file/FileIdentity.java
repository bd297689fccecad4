package io.faultd.linux.file;

import io.faultd.linux.proc.ProcessIdentity;
import org.jspecify.annotations.Nullable;

/**
 * One file (or folder, link, device) and no other, however often its inode number is used again and
 * whatever it is called now.
 *
 * @param device st_dev; may change with a reboot
 * @param inode st_ino
 * @param handle type and bytes of its handle (name_to_handle_at(2)) as {@code TYPE:HEX}; where the
 *     file system has none, its birth time as {@code born:NANOSECONDS}; empty without either
 * @param mountSource source of the mount it was found on (mountinfo, proc(5))
 * @param mountRoot root of that mount within its file system
 * @param path where it was found; a hint, never proof
 * @param viewer the process in whose root and mounts it was found there; absent: the daemon's own
 * @param volume what it is on; absent in old records
 */
public record FileIdentity(
    long device,
    long inode,
    String handle,
    String mountSource,
    String mountRoot,
    String path,
    @Nullable ProcessIdentity viewer,
    @Nullable Volume volume) {

  /** One that was found in the daemon's own root. */
  public FileIdentity(
      long device, long inode, String handle, String mountSource, String mountRoot, String path) {
    this(device, inode, handle, mountSource, mountRoot, path, null, null);
  }

  /** Whether both are one file: device, inode and handle agree. */
  public boolean same(FileIdentity other) {
    return device == other.device && inode == other.inode && handle.equals(other.handle);
  }

  /** Device and inode as one word, the form that claims use. */
  public String key() {
    return Long.toHexString(device) + ":" + inode;
  }
}
