package io.faultd.os.file;

import io.faultd.fault.Claim;
import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import io.faultd.fault.Undo;
import io.faultd.linux.Fd;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Changes the permission bits of a file or folder; a link leads to what is meant. */
public final class FileChmod implements Fault<FileChmod.Params> {
  /**
   * What is asked.
   *
   * @param filepath which
   * @param mark its new mode
   */
  public record Params(String filepath, int mark) {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    try (Site site = Site.followed(on, "filepath", params.filepath());
        Fd handle = site.open()) {
      Stat stat = Stat.of(handle, site.path());
      site.writable(false);
      site.changeable(stat, site.path());
      site.aim(on, Optional.of(stat));
      site.settle(on, handle);
      FileIdentity file = site.identity(handle, site.path());
      List<Claim> claims = site.ways();
      claims.add(site.sharedEntry());
      claims.add(Claim.mode(file));
      on.claim(claims); // first: if another experiment set this mode, that is named
      if (stat.permissions() == params.mark()) {
        throw Site.conflict(
            "mark", "the mode is %04o already: %s".formatted(params.mark(), site.path()));
      }
      on.undo(new Undo.FileMode(file, stat.permissions(), params.mark()));
      Contents.mode(handle, params.mark(), site.path());
      int now = Stat.of(handle, site.path()).permissions();
      if (now != params.mark()) {
        throw new IOException(
            "%s: its mode became %04o and not %04o; its file system keeps no such modes"
                .formatted(site.path(), now, params.mark()));
      }
    }
  }
}
