package io.faultd.agent.library.servlet;

import io.faultd.agent.core.Calls;
import io.faultd.agent.core.Condition;
import io.faultd.agent.core.Refusal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Headers of a request, as clients write them: {@code {"pattern": "and", "params": [{"key": "user",
 * "value": "7"}]}}; all of them, or with the pattern {@code or} one of them.
 */
final class BusinessParameters implements Condition {
  private static final String TEXT = "\"((?:[^\"\\\\]|\\\\.)*)\"";
  private static final Pattern PARAMETER = Pattern.compile("\\{([^{}]*)}");
  private static final Pattern FIELD = Pattern.compile(TEXT + "\\s*:\\s*" + TEXT);

  private final Map<String, String> headers;
  private final boolean any;
  private final Calls header = new Calls("getHeader", String.class);

  private BusinessParameters(Map<String, String> headers, boolean any) {
    this.headers = headers;
    this.any = any;
  }

  static BusinessParameters read(String json) throws Refusal {
    Map<String, String> headers = new LinkedHashMap<>();
    Matcher parameter = PARAMETER.matcher(json);
    StringBuilder rest = new StringBuilder();
    int from = 0;
    while (parameter.find()) {
      Map<String, String> fields = fields(parameter.group(1));
      String key = fields.get("key");
      String value = fields.get("value");
      if (key == null || value == null) {
        throw Refusal.illegal("b-params", "each needs a key and a value: " + json);
      }
      headers.put(key, value);
      rest.append(json, from, parameter.start());
      from = parameter.end();
    }
    String pattern = fields(rest.append(json.substring(from)).toString()).get("pattern");
    boolean any = "or".equalsIgnoreCase(pattern);
    if (headers.isEmpty() || (pattern != null && !any && !"and".equalsIgnoreCase(pattern))) {
      throw Refusal.illegal(
          "b-params",
          "must be like {\"pattern\": \"and\", \"params\": [{\"key\": \"k\", \"value\": \"v\"}]}: "
              + json);
    }
    return new BusinessParameters(headers, any);
  }

  private static Map<String, String> fields(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    Matcher field = FIELD.matcher(text);
    while (field.find()) {
      fields.put(plain(field.group(1)), plain(field.group(2)));
    }
    return fields;
  }

  private static String plain(String text) {
    return text.replaceAll("\\\\(.)", "$1");
  }

  @Override
  public boolean holds(@Nullable Object request, @Nullable Object response) throws Exception {
    for (Map.Entry<String, String> each : headers.entrySet()) {
      boolean is = request != null && each.getValue().equals(header.on(request, each.getKey()));
      if (is == any) {
        return any;
      }
    }
    return !any;
  }
}
