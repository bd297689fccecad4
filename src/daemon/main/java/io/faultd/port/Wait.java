package io.faultd.port;

import java.time.Duration;

/**
 * A thread that by turns waits for its client and works for it. If the connection is gone, it is
 * interrupted, but only where it waits: work that has begun is none of the connection's business.
 */
public final class Wait implements AutoCloseable {
  private final Waits connection;
  private final Thread thread;
  private final Runnable told;
  private final Duration patience;
  private boolean waits;
  private boolean gone;
  private boolean closed;

  Wait(Waits connection, Thread thread, Runnable told, Duration patience) {
    this.connection = connection;
    this.thread = thread;
    this.told = told;
    this.patience = patience;
  }

  /** From now on it waits. */
  public synchronized void begin() {
    waits = !closed;
    if (gone && waits) {
      thread.interrupt();
    }
  }

  /**
   * From now on it works; called by the thread itself.
   *
   * @return whether the connection is gone
   */
  public synchronized boolean end() {
    waits = false;
    if (gone) {
      Thread.interrupted();
    }
    return gone;
  }

  /**
   * One that ends it, when it has waited for too long, as if its connection were gone; unless it is
   * closed before.
   */
  public Alarm alarm() {
    return Alarm.after(patience, this::gone);
  }

  void gone() {
    told.run();
    synchronized (this) {
      gone = true;
      if (waits) {
        thread.interrupt();
      }
    }
  }

  /** It will never wait again. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    connection.remove(this);
  }
}
