package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One mount of our mount namespace: a line of mountinfo (proc(5)).
 *
 * @param id mount id
 * @param parent mount id of the one that it is mounted in
 * @param device as major:minor
 * @param root which folder of the file system it shows
 * @param point where
 * @param readOnly whether the mount or the file system is read-only
 * @param shared whether what is mounted in it appears in other mount namespaces, too
 * @param type the file system's type
 * @param source what is mounted: a device, mostly
 * @param upper of an overlay: the folder that has what was changed, as whoever mounted it names it;
 *     empty: there is none
 */
public record Mount(
    int id,
    int parent,
    String device,
    String root,
    String point,
    boolean readOnly,
    boolean shared,
    String type,
    String source,
    String upper) {
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

  private static final Pattern UPPER = Pattern.compile("(?:^|,)upperdir=((?:[^,\\\\]|\\\\.)*)");

  /** All mounts, in the order they were made. */
  public static List<Mount> all() throws IOException {
    // names in there are bytes; Latin-1 keeps them until each is decoded
    return parse(Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1));
  }

  /**
   * All mounts that a process sees.
   *
   * @param folder its folder in procfs
   * @throws LinuxException ESRCH if the process is gone, or on its way out
   */
  static List<Mount> of(Fd folder) throws IOException {
    String name = "mountinfo";
    try (Fd handle = Open.followed(folder.link() + "/" + name);
        Fd reading = Open.reading(handle, name)) {
      return parse(new String(Contents.read(reading, name), StandardCharsets.ISO_8859_1));
    } catch (LinuxException e) {
      // fs/proc_namespace.c: EINVAL for one that has left its namespaces and is not yet gone
      throw e.is(Errno.EINVAL, Errno.ENOENT)
          ? new LinuxException("open", Errno.ESRCH.number(), name)
          : e;
    }
  }

  /** All mounts of a mountinfo file (proc(5)) that was read as Latin-1. */
  public static List<Mount> parse(String mountinfo) {
    List<Mount> mounts = new ArrayList<>();
    for (String line : mountinfo.lines().toList()) {
      String[] word = line.split(" ", -1);
      int dash = 6;
      while (dash < word.length && !word[dash].equals("-")) {
        dash++;
      }
      if (dash + 3 < word.length) {
        mounts.add(
            new Mount(
                Integer.parseInt(word[0]),
                Integer.parseInt(word[1]),
                word[2],
                name(word[3]),
                name(word[4]),
                readOnly(word[5]) || readOnly(word[dash + 3]),
                Arrays.stream(word, 6, dash).anyMatch(each -> each.startsWith("shared:")),
                word[dash + 1],
                name(word[dash + 2]),
                upper(name(word[dash + 3]))));
      }
    }
    return mounts;
  }

  private static boolean readOnly(String options) {
    return ("," + options + ",").contains(",ro,");
  }

  /** Commas and backslashes in there are written with a backslash. */
  private static String upper(String options) {
    if (!options.contains("upperdir=")) {
      return "";
    }
    Matcher found = UPPER.matcher(options);
    return found.find() ? found.group(1).replaceAll("\\\\(.)", "$1") : "";
  }

  /** Blanks, tabs, newlines and backslashes are written as octal numbers. */
  private static String name(String word) {
    String bytes = word.indexOf('\\') < 0 ? word : unescaped(word); // of hundreds few are
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private static String unescaped(String word) {
    return OCTAL
        .matcher(word)
        .replaceAll(match ->
            Matcher.quoteReplacement(
                String.valueOf((char) (Integer.parseInt(match.group(1), 8) & 0xff))));
  }

  /**
   * The mount that something was opened on; empty if it is not one of our namespace.
   *
   * @param all as {@link #all} gave it
   */
  public static Optional<Mount> of(Fd fd, List<Mount> all) throws IOException {
    String info = Files.readString(Path.of("/proc/self/fdinfo/" + fd.number()));
    for (String line : info.lines().toList()) {
      if (line.startsWith("mnt_id:")) {
        int id = Integer.parseInt(line.substring("mnt_id:".length()).strip());
        return all.stream().filter(mount -> mount.id == id).findFirst();
      }
    }
    return Optional.empty();
  }
}
