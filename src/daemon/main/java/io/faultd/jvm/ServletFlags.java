package io.faultd.jvm;

import org.jspecify.annotations.Nullable;

/**
 * The flags that say which requests to servlets are struck: those to which all of them fit.
 *
 * @param common in which JVM, and how many
 * @param method the HTTP method, whatever the case of letters
 * @param requestpath the path without that of the web application, whatever the case of letters
 * @param requestpathRegexPattern a regular expression of that path
 * @param querystring parameters of the query, in any order and among others
 * @param querystringRegexPattern a regular expression of the query
 * @param bParams headers, see {@link BusinessParameters}
 */
record ServletFlags(
    CallFlags common,
    @Nullable String method,
    @Nullable String requestpath,
    @Nullable String requestpathRegexPattern,
    @Nullable String querystring,
    @Nullable String querystringRegexPattern,
    @Nullable String bParams)
    implements CallFlags.Which {

  @Override
  public Calls calls() {
    return Calls.of("servlet", "requests to servlets", "no servlet is loaded yet", common)
        .with("method", method)
        .with("requestpath", requestpath)
        .matching("requestpath-regex-pattern", requestpathRegexPattern)
        .with("querystring", querystring)
        .matching("querystring-regex-pattern", querystringRegexPattern)
        .with("b-params", bParams == null ? null : BusinessParameters.checked(bParams));
  }
}
