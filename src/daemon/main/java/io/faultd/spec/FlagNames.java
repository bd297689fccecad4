package io.faultd.spec;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The words for types in spec files and in lists of actions: {@code text}, {@code switch}, ... */
public final class FlagNames {

  private FlagNames() {}

  /** The word for a type. */
  public static String of(FlagType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  static Optional<FlagType> type(String word) {
    return Arrays.stream(FlagType.values()).filter(type -> of(type).equals(word)).findFirst();
  }

  static List<String> words() {
    return Arrays.stream(FlagType.values()).map(FlagNames::of).toList();
  }
}
