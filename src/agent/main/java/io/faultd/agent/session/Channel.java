package io.faultd.agent.session;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pair of FIFOs that the daemon made: requests come from one, replies go into the other. The
 * kernel tells each side of the death of the other.
 *
 * <p>Channels, not streams: closing one from another thread ends a read that blocks.
 */
final class Channel implements Closeable {
  private static final int LONGEST = 1 << 20;

  private final FileChannel requests;
  private final FileChannel replies;
  private final ByteBuffer buffer = ByteBuffer.allocate(8192);

  private Channel(FileChannel requests, FileChannel replies) {
    this.requests = requests;
    this.replies = replies;
    buffer.flip();
  }

  /** Opens both; never waits for the other side, which may be dead by now. */
  static Channel open(Map<String, String> options) throws IOException {
    FileChannel requests = end(options, "requests", StandardOpenOption.READ);
    try {
      return new Channel(requests, end(options, "replies", StandardOpenOption.WRITE));
    } catch (IOException e) {
      requests.close();
      throw e;
    }
  }

  /** fifo(7): opening for both ways never blocks, nor does opening one way while that is open. */
  private static FileChannel end(Map<String, String> options, String key, StandardOpenOption way)
      throws IOException {
    String name = options.get(key);
    if (name == null) {
      throw new IOException("option missing: " + key);
    }
    Path path = Paths.get(name);
    try (FileChannel both =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return FileChannel.open(path, way);
    }
  }

  /** The next line, or null when the daemon is gone. */
  @Nullable String read() throws IOException {
    byte[] line = new byte[256];
    int length = 0;
    while (true) {
      if (!buffer.hasRemaining()) {
        buffer.clear();
        int count = requests.read(buffer);
        buffer.flip();
        if (count <= 0) {
          return null;
        }
      }
      byte next = buffer.get();
      if (next == '\n') {
        return new String(line, 0, length, StandardCharsets.UTF_8);
      }
      if (length == LONGEST) {
        throw new IOException("a line without an end");
      }
      if (length == line.length) {
        line = Arrays.copyOf(line, 2 * length);
      }
      line[length++] = next;
    }
  }

  void write(String lines) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      replies.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    requests.close();
    replies.close();
  }
}
