package io.faultd.os.file;

import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Root;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A path of which the last folders may be missing.
 *
 * @param top the first name on it that is missing, or its last
 * @param below the names that follow
 */
record Way(Site top, List<String> below) implements AutoCloseable {

  /**
   * Finds out what of a path is missing.
   *
   * @param create whether missing folders may be made
   */
  static Way of(Injection on, String flag, String path, boolean create) throws IOException {
    Site.check(flag, path);
    List<String> names = names(path);
    int known = names.size() - 1;
    while (known > 0 && !there(on.target().files(), join(names, known), flag)) {
      known--;
    }
    if (names.isEmpty() || known >= names.size() - 1) {
      return new Way(Site.of(on, flag, path), List.of());
    }
    if (!create) {
      throw new FaultException(
          io.faultd.fault.Reason.TARGET_NOT_FOUND,
          Site.FILE_NOT_EXIST,
          flag,
          "%s: its folder %s does not exist (auto-create-dir makes it)"
              .formatted(flag, join(names, names.size() - 1)));
    }
    List<String> missing = names.subList(known, names.size());
    if (missing.contains("..")) {
      throw FaultException.illegal(flag, "goes through .. of a folder that is not there: " + path);
    }
    Site top = Site.of(on, flag, join(names, known + 1));
    if (top.place().stat().isPresent()) {
      top.close();
      throw FaultException.illegal(flag, "is not a folder: " + join(names, known + 1));
    }
    return new Way(top, List.copyOf(missing.subList(1, missing.size())));
  }

  private static boolean there(Root root, String folder, String flag) throws IOException {
    try (Fd fd = root.folder(folder)) {
      return fd.number() >= 0;
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw Site.refused(flag, folder, e);
    }
  }

  private static List<String> names(String path) {
    List<String> names = new ArrayList<>();
    int from = 0;
    while (from <= path.length()) {
      int slash = path.indexOf('/', from);
      int end = slash < 0 ? path.length() : slash;
      String name = path.substring(from, end);
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
      from = end + 1;
    }
    return names;
  }

  private static String join(List<String> names, int count) {
    return "/" + String.join("/", names.subList(0, count));
  }

  @Override
  public void close() {
    top.close();
  }
}
