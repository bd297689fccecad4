package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Makes statements of PostgreSQL's driver wait, each in its own thread. */
public final class PsqlDelay implements Fault<PsqlDelay.Params> {
  /**
   * The flags.
   *
   * @param process a part of its command line
   * @param pid its pid
   * @param sqltype the first word of the statement
   * @param table the first table in it
   * @param database the database
   * @param host the host that is connected to
   * @param port the port that is connected to
   * @param effectCount at most so many
   * @param effectPercent exactly so many of each hundred
   * @param time how long
   * @param offset so much longer or shorter at most, by chance
   * @param refresh whether an agent that is there is sent away first
   * @param javaHome taken for the sake of clients that send it
   */
  public record Params(
      @Nullable String process,
      @Nullable Integer pid,
      @Nullable String sqltype,
      @Nullable String table,
      @Nullable String database,
      @Nullable String host,
      @Nullable Integer port,
      @Nullable Long effectCount,
      @Nullable Integer effectPercent,
      Duration time,
      @Nullable Duration offset,
      boolean refresh,
      @Nullable String javaHome)
      implements PsqlFlags {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    RuleHold.inject(on, params, Strike.delay(params.time(), params.offset()));
  }
}
