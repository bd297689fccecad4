package io.faultd.os.file;

import io.faultd.fault.Claim;
import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.linux.file.Contents;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a file or a folder that was not there. */
public final class FileAdd implements Fault<FileAdd.Params> {
  /**
   * What is asked.
   *
   * @param filepath what to make
   * @param directory a folder rather than a file
   * @param content what is in the file; none: nothing
   * @param enableBase64 whether {@code content} is base 64
   * @param autoCreateDir whether missing folders on the way are made, too
   */
  public record Params(
      String filepath,
      boolean directory,
      @Nullable String content,
      boolean enableBase64,
      boolean autoCreateDir) {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    if (params.directory() && params.content() != null && !params.content().isEmpty()) {
      throw FaultException.illegal("content", "a folder has none; leave out content or directory");
    }
    byte[] bytes = Text.bytes(params.content(), params.enableBase64());
    try (Way way = Way.of(on, "filepath", params.filepath(), params.autoCreateDir())) {
      Site site = way.top();
      if (site.place().stat().isPresent()) {
        throw Site.conflict("filepath", "exists already: " + site.path());
      }
      site.writable(true);
      site.aim(on, Optional.empty());
      List<Claim> claims = site.ways();
      claims.add(site.entry());
      on.claim(claims);
      Making.Filling filling = fd -> Contents.write(fd, 0, bytes, site.path());
      List<String> below = way.below();
      if (params.directory()) {
        Making.folders(on, site, below, null);
      } else if (below.isEmpty()) {
        Making.file(on, site, filling);
      } else {
        Making.folders(
            on,
            site,
            below.subList(0, below.size() - 1),
            new Making.Leaf(below.getLast(), filling));
      }
      if (site.place().stat().isEmpty()) {
        throw new IOException(site.path() + ": vanished right after it was made");
      }
    }
  }
}
