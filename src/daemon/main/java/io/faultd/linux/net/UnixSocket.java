package io.faultd.linux.net;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import io.faultd.linux.Stream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import jnr.ffi.Pointer;

/** A stream socket in the file system (unix(7)): the client's end, and who is at the other. */
public final class UnixSocket {
  private static final short AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int NONBLOCK = 04000;
  private static final int CLOEXEC = 02000000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;

  /** sizeof(struct sockaddr_un). */
  private static final int ADDRESS = 110;

  private static final String DESCRIPTORS = "java.base/sun.nio.ch=ALL-UNNAMED";

  private static final Calls C = Native.bind(Calls.class);

  private UnixSocket() {}

  /**
   * Connects to what is open, however its name has changed since.
   *
   * <p>The kernel looks up the name of the descriptor in the calling thread's own folder of procfs,
   * so this also works where nothing else of procfs may be seen.
   *
   * @param file an O_PATH descriptor of the socket
   * @param path for messages
   * @throws LinuxException EAGAIN if too many wait to be taken, ECONNREFUSED if nobody listens
   */
  public static Stream connect(Fd file, String path) throws LinuxException {
    Fd fd =
        new Fd(
            Native.check("socket", C.socket(AF_UNIX, SOCK_STREAM | NONBLOCK | CLOEXEC, 0), path));
    ByteBuffer address = Native.buffer(ADDRESS);
    address.putShort(0, AF_UNIX);
    byte[] name = ("/proc/thread-self/fd/" + file.number()).getBytes(StandardCharsets.US_ASCII);
    address.put(2, name);
    int done;
    do {
      done = C.connect(fd.number(), Native.at(address), ADDRESS);
    } while (Native.interrupted(done));
    if (done == -1) {
      LinuxException refused = new LinuxException("connect", Native.errno(), path);
      fd.close();
      throw refused;
    }
    return new Stream(fd, path);
  }

  /**
   * Which process listens, as it was known when it began to.
   *
   * @return its pid in our pid namespace; 0 if it is not in it
   */
  public static int listener(Stream socket, String path) throws LinuxException {
    return credentials(socket.fd().number(), path).pid();
  }

  /** Who has connected, as it was known when it did. */
  public static Peer client(SocketChannel accepted) throws IOException {
    return credentials(descriptor(accepted), String.valueOf(accepted.getLocalAddress()));
  }

  /**
   * A process at the other end of a connection, see SO_PEERCRED in unix(7).
   *
   * @param pid in our pid namespace; 0 if it is not in it
   * @param uid of its user, in our user namespace; of one that is not in it, what
   *     /proc/sys/kernel/overflowuid has
   */
  public record Peer(int pid, long uid) {}

  private static Peer credentials(int fd, String path) throws LinuxException {
    ByteBuffer credentials = Native.buffer(12);
    ByteBuffer length = Native.buffer(4);
    length.putInt(0, credentials.capacity());
    Native.check(
        "getsockopt",
        C.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, Native.at(credentials), Native.at(length)),
        path);
    return new Peer(credentials.getInt(0), Integer.toUnsignedLong(credentials.getInt(4)));
  }

  /**
   * Of all that Java says of a channel's other end there is no pid (jdk.net has the names of user
   * and group), and no public way to its descriptor. The manifest of faultd.jar exports the package
   * (Add-Exports); where it is not exported, nobody is known.
   */
  private static int descriptor(SocketChannel channel) throws IOException {
    try {
      return (int) Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal").invoke(channel);
    } catch (ReflectiveOperationException e) {
      throw new IOException(
          "this JVM does not show descriptors: it needs --add-exports " + DESCRIPTORS, e);
    }
  }

  /** Whether a refusal only says: ask again. */
  public static boolean busy(LinuxException refusal) {
    return refusal.is(Errno.EAGAIN);
  }

  /** What is called. */
  public interface Calls {
    /** See socket(2). */
    int socket(int domain, int type, int protocol);

    /** See connect(2). */
    int connect(int fd, Pointer address, int length);

    /** See getsockopt(2). */
    int getsockopt(int fd, int level, int option, Pointer value, Pointer length);
  }
}
