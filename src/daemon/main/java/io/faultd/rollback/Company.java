package io.faultd.rollback;

import io.faultd.fault.Base;
import io.faultd.fault.Undo;
import java.util.List;
import java.util.Optional;

/**
 * Whom a step shares its thing with (see {@link io.faultd.fault.Injection#join}).
 *
 * @param base what the thing was before the first member came; absent if the step joins nothing
 * @param others the other steps that ever joined since then, of this and of other experiments, in
 *     the order of their announcement
 */
public record Company(Optional<Base> base, List<Member> others) {
  /** For a step that joins nothing. */
  public static final Company NONE = new Company(Optional.empty(), List.of());

  /** Whether no other member is left, so that this one restores the base. */
  public boolean last() {
    return others.stream().allMatch(Member::undone);
  }

  /**
   * Another step.
   *
   * @param step what it changed
   * @param undone whether it was taken back (or given up) already
   */
  public record Member(Undo step, boolean undone) {}
}
