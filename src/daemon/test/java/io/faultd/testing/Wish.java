package io.faultd.testing;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a container is to be.
 *
 * @param name in its pod, and its label app
 * @param volumes folders of this machine by where they are in it
 * @param quota microseconds of processor time in each 100 ms; 0: no limit
 * @param memory bytes; 0: no limit
 * @param image what it is made from
 * @param user by number, who runs in it
 * @param readOnly whether nothing but its volumes can be written to
 */
public record Wish(
    String name,
    Map<String, Path> volumes,
    long quota,
    long memory,
    String image,
    int user,
    boolean readOnly) {
  /** From {@link Containerd#IMAGE}. */
  public Wish(String name, Map<String, Path> volumes, long quota, long memory) {
    this(name, volumes, quota, memory, Containerd.IMAGE, 0, false);
  }

  /** From an image, and nothing else. */
  public static Wish of(String name, String image) {
    return new Wish(name, Map.of(), 0, 0, image, 0, false);
  }

  /** The same as another user. */
  public Wish as(int number) {
    return new Wish(name, volumes, quota, memory, image, number, readOnly);
  }

  /** The same with a root that is read-only, and these volumes. */
  public Wish sealed(Map<String, Path> writable) {
    return new Wish(name, writable, quota, memory, image, user, true);
  }
}
