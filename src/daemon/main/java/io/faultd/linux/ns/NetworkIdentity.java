package io.faultd.linux.ns;

/**
 * A network namespace, known even after its inode number went to another one.
 *
 * @param cookie what SO_NETNS_COOKIE says (Linux 5.14), never given twice in one boot; 0 where the
 *     kernel has none
 * @param inode of its nsfs file
 * @param bootId the boot it is of
 * @param path where it was found, tried first when it is looked for
 */
public record NetworkIdentity(long cookie, long inode, String bootId, String path) {

  /** Names the namespace on this node, whatever path it is reached by. */
  public String key() {
    return cookie == 0 ? "inode-" + inode : Long.toString(cookie);
  }

  /** Whether both are one namespace. */
  public boolean same(NetworkIdentity other) {
    return cookie == other.cookie && inode == other.inode && bootId.equals(other.bootId);
  }
}
