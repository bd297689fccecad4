package io.faultd.os.file;

import io.faultd.fault.Injection;
import io.faultd.linux.Fd;
import io.faultd.linux.file.Attributes;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.time.Duration;

/**
 * Fills a new file with all that another is: bytes, owner, mode, attributes, times.
 *
 * @param on asked in between whether to go on
 * @param source the other
 * @param stat what it is
 * @param path its path
 */
record Copy(Injection on, Fd source, Stat stat, String path) implements Making.Filling {
  private static final int CHUNK = 4 << 20;

  @Override
  public void fill(Fd fd) throws IOException {
    try (Fd reading = Open.reading(source, path)) {
      long offset = 0;
      byte[] bytes;
      while ((bytes = Contents.read(reading, offset, CHUNK, path)).length > 0) {
        Contents.write(fd, offset, bytes, path);
        offset += bytes.length;
        on.await(Duration.ZERO, () -> true); // throws when cancelled
      }
      Contents.owner(fd, stat.owner(), stat.group(), path);
      Contents.mode(fd, stat.permissions(), path); // the owner's change cleared setuid
      Attributes.write(fd, Attributes.read(reading, path), path);
      Contents.times(fd, stat.accessed(), stat.modified(), path);
    }
  }
}
