package io.faultd;

import io.faultd.client.Visible;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;

/**
 * Logging to stderr, one line per entry.
 *
 * <p>The JDK makes an instance of this class when it first logs; {@link #start} tells it to.
 */
@SuppressWarnings("HideUtilityClassConstructor") // the JDK makes an instance
public final class Logging {
  private static final String SETTINGS =
      """
      handlers = java.util.logging.ConsoleHandler
      java.util.logging.ConsoleHandler.level = ALL
      java.util.logging.ConsoleHandler.encoding = UTF-8
      java.util.logging.ConsoleHandler.formatter = io.faultd.Logging$Line
      .level = INFO
      io.helidon.level = WARNING
      com.zaxxer.level = WARNING
      """;

  /**
   * Called by the JDK, which has no root logger yet at that time, so that only settings count.
   *
   * @throws IOException never, for they are in memory
   */
  public Logging() throws IOException {
    LogManager.getLogManager()
        .readConfiguration(new ByteArrayInputStream(SETTINGS.getBytes(StandardCharsets.UTF_8)));
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

  /** One line of the log; public, because the JDK makes it by its name. */
  public static final class Line extends Formatter {
    /** Called by the JDK. */
    public Line() {}

    @Override
    public String format(LogRecord entry) {
      String thrown = entry.getThrown() == null ? "" : ": " + line(entry.getThrown());
      String text = formatMessage(entry) + thrown;
      // text of clients must not be able to make a line of its own, or to look like another
      return "%s %-7s %s %s%n"
          .formatted(
              Instant.ofEpochMilli(entry.getMillis()).truncatedTo(ChronoUnit.MILLIS),
              entry.getLevel().getName(),
              simpleName(entry.getLoggerName()),
              Visible.text(text));
    }

    private static String simpleName(String logger) {
      return logger == null ? "-" : logger.substring(logger.lastIndexOf('.') + 1);
    }
  }
}
