package io.faultd.dispatch;

import java.util.Map;

/**
 * Something that can be aimed at, as clients see it.
 *
 * @param kind what it is
 * @param id a container's id, a JVM's pid as the daemon sees it
 * @param name what people call it
 * @param properties what else is known, by name
 */
public record TargetView(Kind kind, String id, String name, Map<String, String> properties) {
  /** What it is. */
  public enum Kind {
    /** A container. */
    CONTAINER,
    /** A Java virtual machine. */
    JVM
  }
}
