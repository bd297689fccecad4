package io.faultd.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The processor time that a control group used, as its own file counts it: {@code cpuacct.usage} of
 * version 1 in nanoseconds, {@code cpu.stat} of version 2 in microseconds (cgroups(7)). Uses java.*
 * alone.
 */
final class GroupUsage {
  private static final String USAGE = "usage_usec ";

  private final Path file;

  GroupUsage(Path file) {
    this.file = file;
  }

  /** Nanoseconds of all processors together, since the group was made. */
  long nanos() throws IOException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.US_ASCII);
    int at = text.indexOf(USAGE);
    if (at < 0) {
      return Long.parseLong(text.strip());
    }
    int from = at + USAGE.length();
    return Long.parseLong(text.substring(from, text.indexOf('\n', from))) * 1000;
  }
}
