package io.faultd.jvm;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Mark;
import io.faultd.linux.file.Mount;
import io.faultd.linux.file.Root;
import io.faultd.linux.ns.Cover;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What lies over a JVM's /tmp while it is attached to, where that is read-only: HotSpot makes its
 * socket there and nowhere else.
 *
 * <p>That we are about to is on disk by then: the preparation is recorded before its JVM is
 * attached to, and whoever finds it looks for our marks.
 */
final class TempCover implements AutoCloseable {
  private static final String ADVICE =
      "; something writable that is mounted at /tmp of its container (tmpfs, an emptyDir) would do";

  /** Whether the JVM can be attached to otherwise. */
  @FunctionalInterface
  interface Check {
    /** Throws why not. */
    void run() throws IOException;
  }

  private final JvmProcess jvm;
  private final Procfs procfs;
  private final @Nullable Cover cover;

  private TempCover(JvmProcess jvm, Procfs procfs, @Nullable Cover cover) {
    this.jvm = jvm;
    this.procfs = procfs;
    this.cover = cover;
  }

  /**
   * Covers it, if it is read-only. What a daemon of this instance left there is taken away first.
   *
   * @param check of all else, before anything changes
   * @throws FaultException if that cannot be, and why
   */
  static TempCover over(JvmProcess jvm, Mark mark, Procfs procfs, Check check) throws IOException {
    try (Root root = Root.of(jvm.process(), procfs)) {
      for (Cover left : covers(jvm, mark, procfs)) {
        if (!left.remove(procfs)) {
          throw refused(jvm, "something is mounted over what was left of another attach");
        }
      }
      if (!mustBe(jvm, root, procfs)) {
        return new TempCover(jvm, procfs, null);
      }
      check.run();
      try (Fd folder = root.folder(TargetTemp.PATH)) {
        Cover.put(root, folder, mark);
      } catch (LinuxException e) {
        throw refused(jvm, String.valueOf(e.getMessage()));
      }
      return new TempCover(jvm, procfs, made(jvm, mark, procfs));
    } catch (LinuxException e) {
      if (procfs.gone(jvm.process())) {
        throw TargetTemp.gone(jvm);
      }
      throw e;
    }
  }

  /** What was just made; if it cannot be told, it is taken away again. */
  static Cover made(JvmProcess jvm, Mark mark, Procfs procfs) throws IOException {
    boolean found = false;
    try {
      List<Cover> made = covers(jvm, mark, procfs);
      if (made.size() != 1) {
        throw procfs.gone(jvm.process())
            ? TargetTemp.gone(jvm)
            : refused(jvm, "what was mounted over it is not seen there");
      }
      found = true;
      return made.getFirst();
    } finally {
      if (!found) { // the JVM may have ended, and others live on with its mounts
        Cover.removeAll(mark::equals, procfs);
      }
    }
  }

  private static List<Cover> covers(JvmProcess jvm, Mark mark, Procfs procfs) throws IOException {
    List<Cover> ours = new ArrayList<>();
    for (Cover each : Cover.seenBy(jvm.process(), procfs)) {
      if (each.mark().equals(mark)) {
        ours.addFirst(each); // the last is the topmost
      }
    }
    return ours;
  }

  private static boolean mustBe(JvmProcess jvm, Root root, Procfs procfs) throws IOException {
    List<Mount> mounts = root.mounts();
    String path;
    Optional<Mount> holder;
    try (Fd folder = root.folder(TargetTemp.PATH)) {
      path = root.name(folder);
      holder = Mount.of(folder, mounts);
    } catch (LinuxException e) {
      return false; // there is none, which is said when it is opened
    }
    if (holder.isEmpty() || !holder.get().readOnly()) {
      return false;
    }
    if (!path.equals(TargetTemp.PATH)) {
      throw refused(jvm, "it is a link to " + path);
    }
    if (mounts.stream().anyMatch(each -> each.point().startsWith(path + "/"))) {
      throw refused(jvm, "what is mounted in it would be hidden");
    }
    if (holder.get().shared()) {
      throw refused(jvm, "what is mounted over it would appear elsewhere, too (shared)");
    }
    if (node(root, procfs)) {
      throw refused(jvm, "all processes of this node would see what is mounted over it");
    }
    return true;
  }

  private static boolean node(Root root, Procfs procfs) throws IOException {
    try (Root first = Root.of(procfs.identity(1).orElseThrow(), procfs)) {
      return Cover.alike(root, first);
    } catch (LinuxException e) {
      if (e.is(Errno.EACCES, Errno.EPERM)) {
        return false; // of a first process that is not for us to look at we cannot be a part
      }
      throw e;
    }
  }

  private static FaultException refused(JvmProcess jvm, String why) {
    return new FaultException(
        Reason.UNSUPPORTED,
        "/tmp of %s is read-only, through which a JVM is attached to, and cannot be covered: %s%s"
            .formatted(jvm, why, ADVICE));
  }

  /**
   * Takes away those of an instance, each when it is our turn.
   *
   * @return those that cannot be: somebody mounted something over them
   */
  static List<Cover> removeAll(String instance, Procfs procfs)
      throws IOException, InterruptedException {
    Set<Mark> marks = new LinkedHashSet<>();
    for (Cover each : Cover.all(procfs)) {
      if (each.mark().instance().equals(instance)) {
        marks.add(each.mark());
      }
    }
    List<Cover> left = new ArrayList<>();
    for (Mark mark : marks) {
      try (MarkTurn turn = MarkTurn.of(mark)) {
        left.addAll(Cover.removeAll(mark::equals, procfs));
      }
    }
    return left;
  }

  /** Refuses a folder that is not ours though its /tmp was covered. */
  void check(TargetTemp temp) throws IOException {
    if (cover != null && !cover.holds(temp.fd())) {
      throw refused(jvm, "something else was mounted over it meanwhile");
    }
  }

  /**
   * Takes it away.
   *
   * @throws IOException if it is still there
   */
  @Override
  public void close() throws IOException {
    if (cover == null || cover.remove(procfs)) {
      return;
    }
    // the JVM may have ended, and others live on with its mounts
    Mark mark = cover.mark();
    if (!Cover.removeAll(mark::equals, procfs).isEmpty()) {
      throw new IOException(
          "/tmp of %s stays covered by %s: something is mounted over it"
              .formatted(jvm, mark.label()));
    }
  }
}
