package io.faultd.os.file;

import io.faultd.fault.Claim;
import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Removal;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Takes a file or folder away: under a hidden name in the same folder, so that it can come back, or
 * with {@code force} for good. A link is taken away itself.
 */
public final class FileDelete implements Fault<FileDelete.Params> {
  /** How much is deleted for good by one order. */
  private static final int MOST = 100_000;

  /**
   * What is asked.
   *
   * @param filepath which
   * @param force for good
   */
  public record Params(String filepath, boolean force) {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    try (Site site = Site.of(on, "filepath", params.filepath());
        Fd handle = site.open()) {
      Stat stat = Stat.of(handle, site.path());
      site.writable(true);
      site.movable(stat);
      if (params.force()) {
        removable(site);
      }
      site.aim(on, Optional.of(stat));
      if (!params.force()) {
        site.settle(on, handle);
      }
      FileIdentity file = site.identity(handle, site.path());
      List<Claim> claims = site.ways();
      claims.add(site.entry());
      if (stat.isFolder()) {
        claims.add(Claim.tree(file, true));
      }
      on.claim(claims);
      if (params.force()) {
        on.irrevocable("delete " + site.path() + " for good");
        Removal.remove(site.descriptor(), site.name(), site.path());
      } else {
        Hiding hiding = Hiding.of(on, site, file);
        on.undo(hiding.steps());
        hiding.hide();
      }
      if (site.place().stat().filter(stat::sameInode).isPresent()) {
        throw new IOException(site.path() + ": is still there");
      }
    }
  }

  private static void removable(Site site) throws IOException {
    int count;
    try {
      count = Removal.count(site.descriptor(), site.name(), site.path(), MOST);
    } catch (LinuxException e) {
      if (e.is(Errno.EBUSY)) {
        throw Site.unsupported("filepath", "something is mounted in it, at " + e.path());
      }
      if (e.is(Errno.EILSEQ)) {
        throw FaultException.illegal(
            "filepath", "holds a name that is not UTF-8, so it cannot be deleted: " + e.path());
      }
      if (e.is(Errno.EPERM)) {
        throw Site.unsupported("filepath", "is immutable or append-only: " + e.path());
      }
      throw e;
    }
    if (count > MOST) {
      throw new FaultException(
          Reason.LIMIT,
          Reason.LIMIT.code(),
          "filepath",
          "filepath: holds more than %d files, the most that is deleted for good at once: %s"
              .formatted(MOST, site.path()));
    }
  }
}
