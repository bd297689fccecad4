package io.faultd.linux.file;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Which texts can be paths of ours. */
public final class PathText {
  private static final int PATH_MAX = 4096;
  private static final int NAME_MAX = 255;

  private PathText() {}

  /** Why a text is no absolute path of UTF-8; empty if it is one. */
  public static Optional<String> problem(String path) {
    if (!path.startsWith("/")) {
      return Optional.of("must be an absolute path, starting with /");
    }
    if (path.indexOf('\0') >= 0) {
      return Optional.of("must not contain a NUL character");
    }
    if (path.indexOf('\uFFFD') >= 0 || !paired(path)) {
      return Optional.of("must be UTF-8; a name in other bytes cannot be given");
    }
    for (String name : path.split("/", -1)) {
      if (name.getBytes(StandardCharsets.UTF_8).length > NAME_MAX) {
        return Optional.of("must not contain a name longer than " + NAME_MAX + " bytes");
      }
    }
    if (path.getBytes(StandardCharsets.UTF_8).length >= PATH_MAX) {
      return Optional.of("must be shorter than " + PATH_MAX + " bytes");
    }
    return Optional.empty();
  }

  private static boolean paired(String text) {
    return text.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF);
  }
}
