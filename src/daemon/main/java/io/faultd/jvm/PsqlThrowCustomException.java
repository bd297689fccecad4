package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Makes statements of PostgreSQL's driver throw an exception of a class that is named. */
public final class PsqlThrowCustomException implements Fault<PsqlThrowCustomException.Params> {
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
   * @param exception full name of its class
   * @param exceptionMessage its message
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
      String exception,
      String exceptionMessage,
      boolean refresh,
      @Nullable String javaHome)
      implements PsqlFlags {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    RuleHold.inject(on, params, Strike.exception(params.exception(), params.exceptionMessage()));
  }
}
