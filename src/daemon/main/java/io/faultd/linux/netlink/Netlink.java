package io.faultd.linux.netlink;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * A netlink socket of one network namespace (netlink(7)): requests go out in batches, answers come
 * back whole. One thread at a time; any platform thread.
 *
 * <p>It keeps its namespace alive as long as it is open.
 */
public final class Netlink implements AutoCloseable {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int NETLINK_GET_STRICT_CHK = 12;

  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;

  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;
  private static final int NLM_F_DUMP = 0x300;
  private static final int NLM_F_DUMP_INTR = 0x10;
  private static final int HEADER = 16;

  private static final int PATIENCE_SECONDS = 10;
  private static final int DUMP_TRIES = 20;

  private static final Calls C = Native.bind(Calls.class);

  private final Fd fd;
  private int sequence = 1;

  private Netlink(Fd fd) {
    this.fd = fd;
  }

  /**
   * Opens a socket.
   *
   * @param network the nsfs file of the namespace
   * @throws IOException if there is no such namespace, or the kernel does not speak the protocol
   */
  public static Netlink open(Protocol protocol, String network) throws IOException {
    try (Network held = Network.open(network)) {
      return open(protocol, held);
    }
  }

  /** Opens a socket in a namespace that is held open. */
  public static Netlink open(Protocol protocol, Network network) throws IOException {
    return network.inside(() -> own(protocol));
  }

  /** Opens one for interfaces and their queues in a namespace that is held open. */
  public static Netlink routes(Network network) throws IOException {
    return open(Protocol.ROUTE, network);
  }

  /** Opens a socket in the namespace of the calling thread. */
  private static Netlink own(Protocol protocol) throws LinuxException {
    String name = "netlink " + protocol;
    int number = C.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol.number());
    Fd fd = new Fd(Native.check("socket", number, name));
    boolean ready = false;
    try {
      ByteBuffer address = Native.buffer(12).putShort(0, (short) AF_NETLINK);
      Native.check("bind", C.bind(fd.number(), Native.at(address), 12), name);
      ByteBuffer patience = Native.buffer(16).putLong(0, PATIENCE_SECONDS);
      set(fd, SOL_SOCKET, SO_RCVTIMEO, patience);
      for (int each : new int[] {NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK}) {
        set(fd, SOL_NETLINK, each, Native.buffer(4).putInt(0, 1)); // older kernels lack some
      }
      ready = true;
      return new Netlink(fd);
    } finally {
      if (!ready) {
        fd.close();
      }
    }
  }

  private static void set(Fd fd, int level, int option, ByteBuffer value) {
    int unused = C.setsockopt(fd.number(), level, option, Native.at(value), value.capacity());
  }

  /** Wider buffers than the default, for large batches and many packets; in bytes. */
  public Netlink buffers(int send, int receive) {
    set(fd, SOL_SOCKET, SO_SNDBUFFORCE, Native.buffer(4).putInt(0, send));
    set(fd, SOL_SOCKET, SO_RCVBUFFORCE, Native.buffer(4).putInt(0, receive));
    return this;
  }

  /** The descriptor, for what this class does not do. */
  public Fd fd() {
    return fd;
  }

  /**
   * Sends a batch and waits until the kernel has acknowledged it.
   *
   * @return what came besides: answers to GET requests and echoes
   * @throws NetlinkException about the first message that was refused; further ones are suppressed
   *     exceptions of it
   * @throws LinuxException if the socket itself failed
   */
  public List<Answer> send(Batch batch) throws IOException {
    try (Scratch scratch = Scratch.take()) {
      ByteBuffer received = scratch.bytes();
      Outcome outcome = new Outcome(batch, transmit(batch, received));
      while (outcome.open()) {
        // refusals are all there once one is
        int got = receive(received, outcome.failure == null ? 0 : MSG_DONTWAIT);
        if (got < 0) {
          break;
        }
        for (int at = 0; at + HEADER <= got; at = next(received, at)) {
          outcome.take(received, at);
        }
      }
      if (outcome.failure != null) {
        throw outcome.failure;
      }
      return outcome.answers;
    }
  }

  /** What has come back of a batch. */
  private static final class Outcome {
    private final Batch batch;
    private final int first;
    private final int last;
    private final List<Answer> answers = new ArrayList<>();
    private @Nullable NetlinkException failure;
    private boolean acknowledged;

    Outcome(Batch batch, int first) {
      this.batch = batch;
      this.first = first;
      this.last = first + batch.lastAcknowledged();
      this.acknowledged = last < first;
    }

    /** Whether there may be more to come. */
    boolean open() {
      return !acknowledged || failure != null;
    }

    void take(ByteBuffer received, int at) {
      int answered = received.getInt(at + 8);
      if (answered - first < 0) {
        return; // to a request that was given up
      }
      if (received.getShort(at + 4) != NLMSG_ERROR) {
        answers.add(answer(received, at));
        return;
      }
      acknowledged |= answered == last;
      NetlinkException refused = Refusal.of(received, at, batch, first);
      if (refused != null && failure != null) {
        failure.addSuppressed(refused);
      } else if (refused != null) {
        failure = refused;
      }
    }
  }

  /**
   * Asks for all things of a kind; again, if they changed meanwhile.
   *
   * @param batch one message, of a GET type
   * @throws NetlinkException if the kernel refuses
   * @throws LinuxException if the socket itself failed, or they never cease to change
   */
  public List<Answer> dump(Batch batch) throws IOException {
    try (Scratch scratch = Scratch.take()) {
      for (int tries = 0; tries < DUMP_TRIES; tries++) {
        List<Answer> answers = new ArrayList<>();
        if (dump(batch, scratch.bytes(), answers)) {
          return answers;
        }
      }
    }
    throw new LinuxException(
        "netlink dump", Errno.EAGAIN.number(), batch.parts().getFirst().what());
  }

  /** Asks once; false if they changed meanwhile. */
  private boolean dump(Batch batch, ByteBuffer received, List<Answer> answers) throws IOException {
    int sent = transmit(batch, received);
    boolean whole = true;
    while (true) {
      int got = receive(received, 0);
      for (int at = 0; at + HEADER <= got; at = next(received, at)) {
        if (received.getInt(at + 8) != sent) {
          continue;
        }
        whole &= (received.getShort(at + 6) & NLM_F_DUMP_INTR) == 0;
        int type = Short.toUnsignedInt(received.getShort(at + 4));
        if (type == NLMSG_ERROR || type == NLMSG_DONE) {
          NetlinkException refused = Refusal.of(received, at, batch, sent);
          if (refused != null) {
            throw refused;
          }
          return whole;
        }
        answers.add(answer(received, at));
      }
    }
  }

  /** A batch of one message that asks for all things of a kind. */
  public static Batch asking(String what, int type, Consumer<Message> header) {
    Batch batch = new Batch();
    header.accept(batch.silent(what, type, NLM_F_DUMP));
    return batch;
  }

  private int transmit(Batch batch, ByteBuffer scratch) throws LinuxException {
    int first = sequence;
    sequence += batch.parts().size();
    Message whole = batch.sealed(first);
    ByteBuffer bytes = whole.size() > Scratch.SIZE ? Native.buffer(whole.size()) : scratch;
    whole.copyTo(bytes);
    long sent;
    do {
      sent = C.send(fd.number(), Native.at(bytes), whole.size(), 0);
    } while (Native.interrupted(sent));
    Native.check("netlink send", sent, batch.parts().getFirst().what());
    return first;
  }

  /** One datagram; -1 if there is none and it was not to be waited for. */
  private int receive(ByteBuffer received, int flags) throws LinuxException {
    long got;
    do {
      got = C.recv(fd.number(), Native.at(received), Scratch.SIZE, flags | MSG_TRUNC);
    } while (Native.interrupted(got));
    if (got == -1 && flags == MSG_DONTWAIT && Errno.of(Native.errno()) == Errno.EAGAIN) {
      return -1;
    }
    Native.check("netlink receive", got, null);
    if (got > Scratch.SIZE) {
      throw new LinuxException(
          "netlink receive", Errno.EOVERFLOW.number(), got + " bytes in one message");
    }
    return (int) got;
  }

  /** Throws away what nobody has read; false if the socket has failed. */
  boolean drain() {
    try (Scratch scratch = Scratch.take()) {
      Pointer room = Native.at(scratch.bytes());
      while (C.recv(fd.number(), room, Scratch.SIZE, MSG_DONTWAIT | MSG_TRUNC) >= 0) {
        continue;
      }
      return Errno.of(Native.errno()) == Errno.EAGAIN;
    } catch (IllegalStateException closed) {
      return false;
    }
  }

  private static int next(ByteBuffer received, int at) {
    return at + (Math.max(received.getInt(at), HEADER) + 3 & ~3);
  }

  private static Answer answer(ByteBuffer received, int at) {
    byte[] body = new byte[received.getInt(at) - HEADER];
    received.get(at + HEADER, body);
    int type = Short.toUnsignedInt(received.getShort(at + 4));
    return new Answer(type, received.getInt(at + 8), body);
  }

  /** Ends the socket. */
  @Override
  public void close() {
    fd.close();
  }

  /** What is called. */
  public interface Calls {
    /** See socket(2). */
    int socket(int domain, int type, int protocol);

    /** See bind(2). */
    int bind(int fd, Pointer address, int length);

    /** See setsockopt(2). */
    int setsockopt(int fd, int level, int option, Pointer value, int size);

    /** See send(2). */
    long send(int fd, Pointer bytes, long length, int flags);

    /** See recv(2). */
    long recv(int fd, Pointer bytes, long length, int flags);
  }
}
