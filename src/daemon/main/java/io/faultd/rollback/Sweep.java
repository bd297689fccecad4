package io.faultd.rollback;

import io.faultd.linux.Mark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for what carries our marks when no record tells of it, and undoes what the marks tell.
 *
 * <p>One kind of {@link Traces} for each way to carry a mark; none knows of faults. What fails is
 * told as unsure, and hinders nothing else. Not for use on what a daemon works on.
 */
public final class Sweep {
  private static final List<Traces> ALL =
      List.of(
          new WorkerTraces(),
          new MountTraces(),
          new FileTraces(),
          new PacketTraces(),
          new StoppedTraces(),
          new FrozenTraces());

  private Sweep() {}

  /**
   * Where to look, and for whose marks.
   *
   * @param uid of one experiment; absent: of any
   * @param folders those in which marked names may be, none below them, on the node and in each
   *     container; absent: the whole node
   */
  public record Scope(@Nullable String uid, @Nullable Set<Path> folders) {
    /** Whether a mark is of those that are looked for. */
    boolean wants(Mark mark) {
      return uid == null || mark.uid().equals(uid);
    }
  }

  /**
   * What a sweep found.
   *
   * @param undone what was put back
   * @param unsure what may be ours and was not touched
   */
  public record Swept(List<String> undone, List<String> unsure) {}

  /** Sweeps; on a platform thread, for as long as it takes to look at all of the scope. */
  public static Swept over(Scope scope) {
    Found found = new Found();
    for (Traces traces : ALL) {
      try {
        traces.look(scope, found);
      } catch (IOException | RuntimeException e) {
        found.unsure(traces.what() + ": " + e.getMessage());
      }
    }
    return found.swept();
  }

  /** One way to carry a mark, or to look as if something of ours was there. */
  interface Traces {
    /** What is looked for, in the plural. */
    String what();

    /**
     * Looks, undoes what is marked, and tells of what may be ours.
     *
     * @throws IOException if nothing more of this kind can be looked at
     */
    void look(Scope scope, Found found) throws IOException;
  }

  /** Collects what is found. */
  static final class Found {
    private final List<String> undone = new ArrayList<>();
    private final List<String> unsure = new ArrayList<>();

    void undone(String what) {
      undone.add(what);
    }

    void unsure(String what) {
      unsure.add(what);
    }

    Swept swept() {
      return new Swept(List.copyOf(undone), List.copyOf(unsure));
    }
  }
}
