package io.faultd;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Logging to stderr, one line per entry.
 *
 * <p>The JDK makes an instance of this class when it first logs; {@link #start} tells it to.
 */
@SuppressWarnings("HideUtilityClassConstructor") // the JDK makes an instance
public final class Logging {
  // held, because the JDK forgets loggers, and their levels with them; not static, because a logger
  // must not be made before the JDK knows of this class
  private final List<Logger> libraries =
      List.of(Logger.getLogger("io.helidon"), Logger.getLogger("com.zaxxer"));

  /** Called by the JDK. */
  public Logging() {
    LogManager.getLogManager().reset();
    ConsoleHandler handler = new ConsoleHandler();
    handler.setFormatter(new Line());
    Logger root = Logger.getLogger("");
    root.addHandler(handler);
    root.setLevel(Level.INFO);
    libraries.forEach(library -> library.setLevel(Level.WARNING));
  }

  /** Must come before the first log entry of the process. */
  static void start() {
    if (System.getProperty("java.util.logging.config.file") == null) {
      System.setProperty("java.util.logging.config.class", Logging.class.getName());
    }
  }

  /** An exception and its causes as one line. */
  static String line(Throwable thrown) {
    StringBuilder line = new StringBuilder();
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      line.append(line.isEmpty() ? "" : "; because ").append(t);
      if (t.getStackTrace().length > 0) {
        line.append(" at ").append(t.getStackTrace()[0]);
      }
    }
    return line.toString();
  }

  private static final class Line extends Formatter {
    @Override
    public String format(LogRecord entry) {
      String thrown = entry.getThrown() == null ? "" : ": " + line(entry.getThrown());
      String text = formatMessage(entry) + thrown;
      // text of clients must not be able to make a line of its own
      return "%s %-7s %s %s%n"
          .formatted(
              Instant.ofEpochMilli(entry.getMillis()).truncatedTo(ChronoUnit.MILLIS),
              entry.getLevel().getName(),
              simpleName(entry.getLoggerName()),
              text.replaceAll("\\p{Cntrl}+", " "));
    }

    private static String simpleName(String logger) {
      return logger == null ? "-" : logger.substring(logger.lastIndexOf('.') + 1);
    }
  }
}
