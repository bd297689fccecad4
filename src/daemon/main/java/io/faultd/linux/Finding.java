package io.faultd.linux;

import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel can do, found out by trying: once, and again as long as all that is found is that
 * something is short now. Thread-safe.
 *
 * @param <T> what is found
 */
public final class Finding<T> {
  private final Trial<T> trial;
  private final Function<IOException, T> failed;
  private volatile @Nullable T known;

  /** One that is found out when it is asked for, by a trial; what a trial that fails says. */
  public Finding(Trial<T> trial, Function<IOException, T> failed) {
    this.trial = trial;
    this.failed = failed;
  }

  /** Tries it. */
  @FunctionalInterface
  public interface Trial<T> {
    /** What comes of it. */
    T found() throws IOException;
  }

  /** What is found. */
  public T get() {
    T last = known;
    return last == null ? tried() : last;
  }

  private synchronized T tried() {
    T last = known;
    if (last != null) {
      return last;
    }
    try {
      T found = trial.found();
      known = found;
      return found;
    } catch (IOException e) {
      T found = failed.apply(e);
      known = shortage(e) ? null : found;
      return found;
    }
  }

  /** Whether a failure will pass. */
  public static boolean shortage(IOException failure) {
    return failure instanceof Refused refused && refused.shortage();
  }
}
