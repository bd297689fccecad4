package io.faultd.access;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Finds out who made the socket at the other end of a connection of this node. */
@FunctionalInterface
public interface PeerLookup {
  /**
   * The owner of the client's socket, as the kernel's table says; asked anew for each request.
   *
   * @param client the other end
   * @param server our end
   * @return nothing if no such socket is in the table
   */
  Optional<Owner> owner(InetSocketAddress client, InetSocketAddress server) throws IOException;

  /**
   * Who made a socket.
   *
   * @param uid the user
   * @param inode of the socket; 0 if it was closed meanwhile (its uid then reads 0 as well)
   */
  record Owner(long uid, long inode) {}
}
