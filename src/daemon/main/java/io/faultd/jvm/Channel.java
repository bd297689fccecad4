package io.faultd.jvm;

import io.faultd.linux.Errno;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Stream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * Two FIFOs, one for requests and one for replies, with an agent at the other ends.
 *
 * <p>Not thread-safe. A reply that comes after its request was given up is passed over.
 */
final class Channel implements AutoCloseable {
  private static final int LONGEST_LINE = 1 << 20;

  private final Stream requests;
  private final Stream replies;
  private final byte[] room = new byte[8192];
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
  private final Deque<Line> read = new ArrayDeque<>();
  private long number;

  Channel(Stream requests, Stream replies) {
    this.requests = requests;
    this.replies = replies;
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param deadline an instant of {@link System#nanoTime}
   * @return the items of the reply, and last its ok or error
   * @throws LinuxException ETIMEDOUT, or EPIPE if the agent has gone
   */
  List<Line> ask(String word, Map<String, String> fields, long deadline) throws IOException {
    Line request = Line.of(word, ++number, fields);
    requests.write(request.toString().getBytes(StandardCharsets.UTF_8), deadline);
    List<Line> reply = new ArrayList<>();
    while (true) {
      Line line = next(deadline);
      if (line.number() == request.number()) {
        reply.add(line);
        if (!line.word().equals("item")) {
          return reply;
        }
      }
    }
  }

  /**
   * The next line, whatever it belongs to.
   *
   * @throws LinuxException ETIMEDOUT, or EPIPE if the agent has gone
   */
  Line next(long deadline) throws IOException {
    while (read.isEmpty()) {
      int length = replies.read(room, deadline);
      if (length == 0) {
        throw new LinuxException("read", Errno.EPIPE.number(), "agent");
      }
      for (int i = 0; i < length; i++) {
        if (room[i] == '\n') {
          read.add(Line.parse(begun.toString(StandardCharsets.UTF_8)));
          begun.reset();
        } else {
          begun.write(room[i]);
        }
      }
      if (begun.size() > LONGEST_LINE) {
        throw new IOException("an agent said more than 1 MiB in a line");
      }
    }
    return read.remove();
  }

  /** Says nothing more: the agent lets go of everything when it sees that, and then ends. */
  void hush() {
    requests.close();
  }

  /** Passes over what was said meanwhile; whether that was the last. */
  boolean over() throws LinuxException {
    try {
      while (replies.read(room, System.nanoTime()) > 0) {
        begun.reset();
      }
      return true;
    } catch (LinuxException e) {
      if (e.is(Errno.ETIMEDOUT)) {
        return false;
      }
      throw e;
    }
  }

  /** Whether the agent has gone. */
  boolean ended() throws LinuxException {
    return replies.ended();
  }

  @Override
  public void close() {
    requests.close();
    replies.close();
  }
}
