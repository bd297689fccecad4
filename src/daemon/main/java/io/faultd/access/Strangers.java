package io.faultd.access;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Connections of which nobody knows yet who is at the other end: only so many, and not for long, so
 * that who may not come in keeps nobody out either. Thread-safe.
 *
 * <p>A connection is known as soon as one request of it was let in. Root of this node is nobody to
 * be kept out.
 */
public final class Strangers implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Strangers.class.getName());

  /** From one place, see {@link Access}. */
  static final int OF_ONE_PLACE = 128;

  /** From all of them together. */
  static final int OF_ALL = 256;

  private static final Duration EVERY = Duration.ofMillis(500);

  private final BiFunction<SocketAddress, SocketAddress, Optional<String>> place;
  private final Duration patience;

  /** In the order of their coming. */
  private final Map<Line, Stranger> unknown = new LinkedHashMap<>();

  private @Nullable Thread watch;

  /** Both ends of a connection, its name as long as it is open. */
  private record Line(@Nullable SocketAddress client, @Nullable SocketAddress server) {}

  private record Stranger(SocketChannel channel, String place, long since) {}

  /**
   * None yet.
   *
   * @param place where a client comes from; nothing if it is root on this node
   * @param patience how long one may stay unknown
   */
  Strangers(BiFunction<SocketAddress, SocketAddress, Optional<String>> place, Duration patience) {
    this.place = place;
    this.patience = patience;
  }

  /**
   * A connection was made. If there are too many of its place, or of all, the oldest of them is
   * closed.
   *
   * @param client its other end
   * @throws IOException if it is gone already
   */
  public void arrived(SocketChannel channel, @Nullable SocketAddress client) throws IOException {
    SocketAddress server = channel.getLocalAddress();
    Optional<String> from = place.apply(client, server);
    if (from.isPresent()) {
      add(new Line(client, server), new Stranger(channel, from.get(), System.nanoTime()));
    }
  }

  private synchronized void add(Line line, Stranger stranger) {
    unknown.values().removeIf(each -> !each.channel().isOpen());
    long ofPlace =
        unknown.values().stream().filter(each -> each.place().equals(stranger.place())).count();
    if (ofPlace >= OF_ONE_PLACE) {
      closeOldest(stranger.place());
    } else if (unknown.size() >= OF_ALL) {
      closeOldest(null);
    }
    unknown.put(line, stranger);
    if (watch == null) {
      watch = Thread.ofPlatform().daemon().name("faultd-strangers").start(this::watch);
    }
  }

  private void closeOldest(@Nullable String of) {
    Iterator<Stranger> each = unknown.values().iterator();
    while (each.hasNext()) {
      Stranger stranger = each.next();
      if (of == null || of.equals(stranger.place())) {
        each.remove();
        close(stranger);
        return;
      }
    }
  }

  /** Who is at the other end was let in. */
  synchronized void known(@Nullable SocketAddress client, @Nullable SocketAddress server) {
    unknown.remove(new Line(client, server));
  }

  /** Whether nobody was let in by this connection yet. */
  public synchronized boolean unknown(
      @Nullable SocketAddress client, @Nullable SocketAddress server) {
    return unknown.containsKey(new Line(client, server));
  }

  private void watch() {
    while (!Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(EVERY.toNanos());
      closeOverdue();
    }
  }

  private synchronized void closeOverdue() {
    long now = System.nanoTime();
    unknown
        .values()
        .removeIf(each -> {
          boolean overdue = now - each.since() > patience.toNanos();
          if (overdue) {
            close(each);
          }
          return overdue || !each.channel().isOpen();
        });
  }

  private static void close(Stranger stranger) {
    try {
      stranger.channel().close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing a connection of {0}: {1}", stranger.place(), e);
    }
  }

  @Override
  public synchronized void close() {
    if (watch != null) {
      watch.interrupt();
      watch = null;
    }
  }
}
