package io.faultd.agent.library.servlet;

import io.faultd.agent.core.Calls;
import io.faultd.agent.core.Condition;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** All of some parameters are in the query of a request, in any order, among others. */
final class QueryString implements Condition {
  private final List<String> wanted;
  private final Calls query;

  /**
   * Makes one.
   *
   * @param wanted like {@code a=1&b=2}
   * @param query how the query of a request is read
   */
  QueryString(String wanted, Calls query) {
    this.wanted = parts(wanted);
    this.query = query;
  }

  private static List<String> parts(String text) {
    return Arrays.asList(text.toLowerCase(Locale.ROOT).split("&", -1));
  }

  @Override
  public boolean holds(@Nullable Object request, @Nullable Object response) throws Exception {
    return request != null && parts(query.text(request)).containsAll(wanted);
  }
}
