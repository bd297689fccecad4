package io.faultd.testing;

import io.faultd.linux.Fd;
import io.faultd.linux.file.Attributes;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Entries;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Identities;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Root;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** All that "exact" means of the files below a folder, by path; leaves no trace in atime. */
public final class Fingerprint {
  private Fingerprint() {}

  /** Of all below a folder: but for folders without their own times. */
  public static SortedMap<String, String> of(Path folder) throws IOException {
    SortedMap<String, String> all = new TreeMap<>();
    try (Fd fd = Open.folder(folder.toString())) {
      collect(fd, "", all);
    }
    return all;
  }

  /**
   * The same of a folder that nobody may touch, itself too, with when each was last changed in any
   * way: that tells of what was done and undone.
   */
  public static SortedMap<String, String> untouched(Path folder) throws IOException {
    SortedMap<String, String> all = of(folder);
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path each : (Iterable<Path>) paths::iterator) {
        Object changed = Files.getAttribute(each, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
        String name = each.equals(folder) ? "" : "/" + folder.relativize(each);
        all.merge(name, " changed " + changed, String::concat);
      }
    }
    return all;
  }

  /** Which file it is, as undo knows it. */
  public static FileIdentity identity(Path path) throws IOException {
    try (Fd handle = Open.path(path.toString())) {
      return Identities.of(Root.OWN, handle, path.toString());
    }
  }

  private static void collect(Fd folder, String path, SortedMap<String, String> all)
      throws IOException {
    for (String name : Entries.names(folder, path)) {
      String there = path + "/" + name;
      try (Fd fd = Open.entry(folder, name, there)) {
        Stat stat = Stat.of(fd, there);
        // of a folder they count its folders, and on an overlay whether it was copied up
        long links = stat.isFolder() ? 0 : stat.links();
        String text =
            "inode %d mode %o owner %d:%d links %d"
                .formatted(stat.inode(), stat.mode(), stat.owner(), stat.group(), links);
        if (stat.isFolder()) {
          collect(fd, there, all);
        } else {
          // whoever walks through a link leaves a trace in its atime
          text += " times %d %d".formatted(stat.isLink() ? 0 : stat.accessed(), stat.modified());
        }
        if (stat.isRegular()) {
          try (Fd reading = Open.reading(fd, there)) {
            byte[] bytes = Contents.read(reading, 0, (int) stat.size(), there);
            text += " bytes " + new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
            for (var each : Attributes.read(reading, there).entrySet()) {
              text += " " + each.getKey() + "=" + Arrays.toString(each.getValue());
            }
          }
        }
        all.put(there, text);
      }
    }
  }
}
