package io.faultd.experiment;

import io.faultd.fault.Undo;
import org.jspecify.annotations.Nullable;

/**
 * An announced step.
 *
 * @param uid its experiment
 * @param number its place in the order of announcements, from 1
 * @param bootId the boot in which it was announced
 * @param undo what to take back; absent if its kind or version is newer than this program
 * @param raw kind and text of an unknown step, for people; else empty
 */
public record StoredStep(String uid, int number, String bootId, @Nullable Undo undo, String raw) {

  /** The step for people. */
  public String describe() {
    return undo == null ? raw : undo.describe();
  }
}
