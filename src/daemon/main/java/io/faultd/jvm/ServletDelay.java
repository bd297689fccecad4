package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Makes requests to servlets wait, each in its own thread. */
public final class ServletDelay implements Fault<ServletDelay.Params> {
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
   * @param time how long
   * @param offset so much longer or shorter at most, by chance
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
      Duration time,
      @Nullable Duration offset,
      boolean refresh,
      @Nullable String javaHome)
      implements ServletFlags {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    RuleHold.inject(on, params, Strike.delay(params.time(), params.offset()));
  }
}
