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
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Map;

/**
 * Loads what an attach needs and binds its system calls, on a thread that nobody waits for, so that
 * the first order does not pay for it. Touches nothing outside of this process.
 */
public final class Rehearsal {
  private static final Logger LOG = System.getLogger(Rehearsal.class.getName());

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

  /** Begins; returns at once. */
  public static Thread begin() {
    return Thread.ofPlatform().name("faultd-rehearsal").daemon().start(Rehearsal::load);
  }

  private static void load() {
    try {
      for (Class<?> each : NEEDED) {
        MethodHandles.privateLookupIn(each, MethodHandles.lookup()).ensureInitialized(each);
      }
      Line.parse(Line.of("ping", AgentJar.bytes().length, Map.of()).toString().strip());
    } catch (IOException | IllegalAccessException | LinkageError e) {
      LOG.log(Level.DEBUG, "the first attach will tell", e);
    }
  }
}
