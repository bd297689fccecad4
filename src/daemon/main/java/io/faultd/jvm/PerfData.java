package io.faultd.jvm;

import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Stat;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The counters that a HotSpot JVM shares in {@code /tmp/hsperfdata_USER/PID}: read for the one that
 * says whether it can be attached to, so that one that cannot is not made to dump its threads.
 *
 * <p>Layout: perfMemory.hpp of HotSpot, version 2.0, unchanged since JDK 5.
 */
final class PerfData {
  private static final String CAPABILITIES = "sun.rt.jvmCapabilities";
  private static final int MAGIC = 0xcafec0c0;
  private static final int PROLOGUE = 32;
  private static final int ENTRY = 20;
  private static final int LARGEST = 1 << 20;

  // a line of maps (proc_pid_maps(5)): ... offset device inode path
  private static final Pattern MAPPED =
      Pattern.compile(".* [0-9a-f]+:[0-9a-f]+ ([0-9]+) +/.*/(hsperfdata_[^/]+)/([0-9]+)");

  private PerfData() {}

  /** Whether the JVM can be attached to; empty if it does not tell. */
  static Optional<Boolean> attachable(JvmProcess jvm, TargetTemp temp, Procfs procfs) {
    try {
      Optional<Matcher> mapped = mapped(jvm, procfs);
      return mapped.isEmpty() ? Optional.empty() : read(mapped.get(), jvm, temp);
    } catch (IOException | IndexOutOfBoundsException unreadable) {
      // its own file may say anything; the attach itself will tell
      return Optional.empty();
    }
  }

  private static Optional<Matcher> mapped(JvmProcess jvm, Procfs procfs) throws IOException {
    return Maps.of(
        jvm.pid(),
        procfs,
        maps -> {
          for (String line = maps.readLine(); line != null; line = maps.readLine()) {
            Matcher mapped = MAPPED.matcher(line);
            if (mapped.matches()) {
              return Optional.of(mapped);
            }
          }
          return Optional.empty();
        });
  }

  private static Optional<Boolean> read(Matcher mapped, JvmProcess jvm, TargetTemp temp)
      throws IOException {
    String folderName = mapped.group(2);
    try (Fd folder = Open.entry(temp.fd(), folderName, folderName);
        Fd file = Open.entry(folder, mapped.group(3), mapped.group(3))) {
      Stat stat = Stat.of(file, folderName);
      // another JVM's that had the same pid in another container is another file
      if (!stat.isRegular()
          || stat.owner() != jvm.user()
          || stat.inode() != Long.parseLong(mapped.group(1))) {
        return Optional.empty();
      }
      try (Fd reading = Open.reading(file, folderName)) {
        int size = (int) Math.min(stat.size(), LARGEST);
        return parse(Contents.read(reading, 0, size, folderName));
      }
    } catch (LinuxException e) {
      return Optional.empty();
    }
  }

  /** The first character of the counter; 1 says that it can. */
  static Optional<Boolean> parse(byte[] bytes) {
    ByteBuffer data = ByteBuffer.wrap(bytes);
    if (bytes.length < PROLOGUE || data.getInt(0) != MAGIC) {
      return Optional.empty();
    }
    data.order(bytes[4] == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    int entry = data.getInt(24);
    int entries = data.getInt(28);
    for (int i = 0; i < entries; i++) {
      int length = data.getInt(entry);
      if (length < ENTRY) {
        return Optional.empty();
      }
      int name = entry + data.getInt(entry + 4);
      if (text(bytes, name).equals(CAPABILITIES)) {
        return Optional.of(bytes[entry + data.getInt(entry + 16)] == '1');
      }
      entry += length;
    }
    return Optional.empty();
  }

  private static String text(byte[] bytes, int from) {
    int end = from;
    while (bytes[end] != 0) {
      end++;
    }
    return new String(bytes, from, end - from, StandardCharsets.ISO_8859_1);
  }
}
