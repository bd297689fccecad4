package io.faultd.os.file;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.IsoFields;
import java.util.Locale;
import java.util.Map;

/** Times in the words of strftime(3) and date(1), in English and the daemon's time zone. */
final class Strftime {
  private static final Map<Character, String> PATTERNS =
      Map.ofEntries(
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('b', "MMM"),
          Map.entry('h', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('c', "EEE MMM ppd HH:mm:ss yyyy"),
          Map.entry('d', "dd"),
          Map.entry('D', "MM/dd/yy"),
          Map.entry('e', "ppd"),
          Map.entry('F', "yyyy-MM-dd"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('j', "DDD"),
          Map.entry('k', "ppH"),
          Map.entry('l', "pph"),
          Map.entry('m', "MM"),
          Map.entry('M', "mm"),
          Map.entry('r', "hh:mm:ss a"),
          Map.entry('R', "HH:mm"),
          Map.entry('S', "ss"),
          Map.entry('T', "HH:mm:ss"),
          Map.entry('x', "MM/dd/yy"),
          Map.entry('X', "HH:mm:ss"),
          Map.entry('y', "yy"),
          Map.entry('Y', "yyyy"),
          Map.entry('z', "xx"),
          Map.entry('Z', "zzz"));

  private Strftime() {}

  static String format(String format, ZonedDateTime time) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c == '%' && i + 1 < format.length()) {
        text.append(one(format.charAt(++i), time));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  private static String one(char letter, ZonedDateTime time) {
    return switch (letter) {
      case 'n' -> "\n";
      case 't' -> "\t";
      case '%' -> "%";
      case 's' -> Long.toString(time.toEpochSecond());
      case 'N' -> "%09d".formatted(time.getNano());
      case 'C' -> "%02d".formatted(time.getYear() / 100);
      case 'P' -> (time.getHour() < 12 ? "am" : "pm");
      case 'p' -> (time.getHour() < 12 ? "AM" : "PM");
      case 'u' -> Integer.toString(time.getDayOfWeek().getValue());
      case 'w' -> Integer.toString(time.getDayOfWeek().getValue() % 7);
      // weeks counted from the first Sunday and Monday
      case 'U' -> week(time, time.getDayOfWeek().getValue() % 7);
      case 'W' -> week(time, time.getDayOfWeek().getValue() - 1);
      case 'V' -> "%02d".formatted(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'G' -> Integer.toString(time.get(IsoFields.WEEK_BASED_YEAR));
      case 'g' -> "%02d".formatted(time.get(IsoFields.WEEK_BASED_YEAR) % 100);
      default -> {
        String pattern = PATTERNS.get(letter);
        yield pattern == null
            ? "%" + letter
            : DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
      }
    };
  }

  private static String week(ZonedDateTime time, int day) {
    return "%02d".formatted((time.getDayOfYear() + 6 - day) / 7);
  }
}
