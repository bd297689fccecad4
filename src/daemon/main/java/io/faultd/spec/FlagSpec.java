package io.faultd.spec;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One flag of an action.
 *
 * @param name as clients write it, with hyphens
 * @param desc one sentence
 * @param type what its value is
 * @param matcher whether it says on what to act, rather than how
 * @param required whether it must be there
 * @param unit unit of a bare number: ms, s, %, MB, ...
 * @param min smallest value
 * @param max largest value
 * @param values the only values; empty: any
 * @param initial the value when absent (spec key {@code default})
 * @param requires other flags that must be there if this one is
 * @param excludes other flags that must not
 * @param oneOf flags of which at least one must be there; empty: none
 * @param undo {@code none} where this flag takes the way back away; else empty
 */
public record FlagSpec(
    String name,
    String desc,
    FlagType type,
    boolean matcher,
    boolean required,
    @Nullable String unit,
    @Nullable Double min,
    @Nullable Double max,
    List<String> values,
    @Nullable String initial,
    List<String> requires,
    List<String> excludes,
    List<String> oneOf,
    String undo) {

  /** Names that flags have and Java keeps for itself. */
  private static final Set<String> KEYWORDS = Set.of("class", "interface", "package", "wait");

  /**
   * The name of the component of the parameter record: {@code process-cmd} is processCmd, and
   * {@code interface}, which Java does not allow, interfaceName.
   */
  public String component() {
    StringBuilder text = new StringBuilder();
    boolean upper = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '-' || c == '_') {
        upper = true;
      } else {
        text.append(upper ? Character.toUpperCase(c) : c);
        upper = false;
      }
    }
    return KEYWORDS.contains(name) ? text.append("Name").toString() : text.toString();
  }
}
