package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Makes servlets throw an exception of a class that is named. */
public final class ServletThrowCustomException
    implements Fault<ServletThrowCustomException.Params> {
  /**
   * The flags.
   *
   * @param process a part of its command line
   * @param pid its pid
   * @param method the HTTP method
   * @param requestpath the path without that of the web application
   * @param requestpathRegexPattern a regular expression of that path
   * @param querystring parameters of the query
   * @param querystringRegexPattern a regular expression of the query
   * @param bParams headers
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
      @Nullable String method,
      @Nullable String requestpath,
      @Nullable String requestpathRegexPattern,
      @Nullable String querystring,
      @Nullable String querystringRegexPattern,
      @Nullable String bParams,
      @Nullable Long effectCount,
      @Nullable Integer effectPercent,
      String exception,
      String exceptionMessage,
      boolean refresh,
      @Nullable String javaHome)
      implements ServletFlags {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    RuleHold.inject(on, params, Strike.exception(params.exception(), params.exceptionMessage()));
  }
}
