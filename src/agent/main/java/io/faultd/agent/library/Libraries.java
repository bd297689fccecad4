package io.faultd.agent.library;

import io.faultd.agent.core.Library;
import io.faultd.agent.library.jvm.Jvm;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The libraries that there are. */
public final class Libraries {
  private static final Library[] ALL = {new Jvm()};

  private Libraries() {}

  /** The library of a target, or null. */
  public static @Nullable Library of(String target) {
    for (Library each : ALL) {
      if (each.target().equals(target)) {
        return each;
      }
    }
    return null;
  }

  /** Their targets. */
  public static String targets() {
    List<String> targets = new ArrayList<>();
    for (Library each : ALL) {
      targets.add(each.target());
    }
    return String.join(",", targets);
  }
}
