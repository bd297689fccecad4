package io.faultd.jvm;

import io.faultd.linux.Fd;
import io.faultd.linux.Stream;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Entries;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Stat;
import io.faultd.linux.net.UnixSocket;
import io.faultd.linux.ns.Cover;
import io.faultd.linux.proc.Pidfd;
import io.faultd.linux.proc.Rights;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Map;

/**
 * Loads what an attach needs and binds its system calls, so that the first order does not pay for
 * it. Touches nothing outside of this process.
 */
public final class Rehearsal {
  /** Those that bind system calls cost the most. */
  private static final List<Class<?>> NEEDED =
      List.of(
          Fd.class,
          Open.class,
          Stat.class,
          Entries.class,
          Contents.class,
          Stream.class,
          UnixSocket.class,
          Pidfd.class,
          Rights.class,
          Cover.class,
          TempCover.class,
          TargetTemp.class,
          HotSpot.class,
          PerfData.class,
          Attach.class,
          Channel.class,
          Line.class,
          AgentLink.class);

  private Rehearsal() {}

  /**
   * Loads it.
   *
   * @throws IOException or says by a LinkageError what the first attach would have said
   */
  public static void load() throws IOException {
    try {
      for (Class<?> each : NEEDED) {
        MethodHandles.privateLookupIn(each, MethodHandles.lookup()).ensureInitialized(each);
      }
      Line.parse(Line.of("ping", AgentJar.bytes().length, Map.of()).toString().strip());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e); // they are of this module
    }
  }
}
