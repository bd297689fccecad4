package io.faultd.port;

/**
 * A thread that by turns waits for its client and works for it. If the connection is gone, it is
 * interrupted, but only where it waits: work that has begun is none of the connection's business.
 */
public final class Wait implements AutoCloseable {
  private final Waits connection;
  private final Thread thread;
  private final Runnable told;
  private boolean waits;
  private boolean gone;
  private boolean closed;

  Wait(Waits connection, Thread thread, Runnable told) {
    this.connection = connection;
    this.thread = thread;
    this.told = told;
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
