package io.faultd.rollback;

import io.faultd.linux.Fd;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Identities;
import io.faultd.linux.file.Identities.Finding;
import java.io.IOException;
import java.util.Optional;

/** Works on a file if it is still there. */
final class Located {
  private Located() {}

  /** What is missed where nobody can tell whether it was moved or deleted is looked for again. */
  static Outcome with(FileIdentity file, Work work, Otherwise gone) throws IOException {
    return with(file, work, gone, Outcome.Stuck::new);
  }

  static Outcome with(FileIdentity file, Work work, Otherwise gone, Missed missing)
      throws IOException {
    return switch (Identities.find(file)) {
      case Finding.Found(Fd handle) -> {
        try (handle) {
          yield work.on(handle);
        }
      }
      case Finding.Gone() -> gone.outcome();
      case Finding.Missing(String why) -> missing.outcome(why);
      case Finding.Away(String why) -> new Outcome.Stuck(why);
      case Finding.Unreachable(String why) -> new Outcome.Stuck(why);
    };
  }

  /** Whether a file still has a name, under which it can be found. */
  static boolean lives(FileIdentity file) throws IOException {
    Optional<Fd> handle = find(file);
    handle.ifPresent(Fd::close);
    return handle.isPresent();
  }

  /**
   * A handle of a file; empty if it is gone.
   *
   * @throws AwayException if its file system is not mounted now, which says nothing about it
   * @throws IOException if its file system cannot be asked
   */
  static Optional<Fd> find(FileIdentity file) throws IOException {
    return switch (Identities.find(file)) {
      case Finding.Found(Fd handle) -> Optional.of(handle);
      case Finding.Gone gone -> Optional.empty();
      case Finding.Missing missing -> Optional.empty();
      case Finding.Away(String why) -> throw new AwayException(why);
      case Finding.Unreachable(String why) -> throw new IOException(why);
    };
  }

  /** What a file is on is not mounted now. */
  static final class AwayException extends IOException {
    private static final long serialVersionUID = 1;

    AwayException(String why) {
      super(why);
    }
  }

  /** What is to be done with it. */
  interface Work {
    Outcome on(Fd handle) throws IOException;
  }

  /** What is to be done if it may be gone or elsewhere. */
  interface Missed {
    Outcome outcome(String why) throws IOException;
  }

  /** What is to be done without it. */
  interface Otherwise {
    Outcome outcome() throws IOException;
  }
}
