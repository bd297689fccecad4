package io.faultd.jvm;

import org.jspecify.annotations.Nullable;

/** The flags that say which requests to servlets are struck: those to which all of them fit. */
interface ServletFlags extends CallFlags {
  /** The HTTP method, whatever the case of letters. */
  @Nullable String method();

  /** The path without that of the web application, whatever the case of letters. */
  @Nullable String requestpath();

  /** A regular expression of that path. */
  @Nullable String requestpathRegexPattern();

  /** Parameters of the query, in any order and among others. */
  @Nullable String querystring();

  /** A regular expression of the query. */
  @Nullable String querystringRegexPattern();

  /** Headers, see {@link BusinessParameters}. */
  @Nullable String bParams();

  @Override
  default Calls calls() {
    String headers = bParams();
    return Calls.of("servlet", "requests to servlets", "no servlet is loaded yet", this)
        .with("method", method())
        .with("requestpath", requestpath())
        .matching("requestpath-regex-pattern", requestpathRegexPattern())
        .with("querystring", querystring())
        .matching("querystring-regex-pattern", querystringRegexPattern())
        .with("b-params", headers == null ? null : BusinessParameters.checked(headers));
  }
}
