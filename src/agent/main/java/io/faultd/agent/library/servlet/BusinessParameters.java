package io.faultd.agent.library.servlet;

import io.faultd.agent.core.Calls;
import io.faultd.agent.core.Condition;
import io.faultd.agent.core.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Headers of a request, as clients write them: {@code {"pattern": "and", "params": [{"key": "user",
 * "value": "7"}]}}; all of them, with the pattern {@code or} one of them, with {@code not} none of
 * them.
 */
final class BusinessParameters implements Condition {
  private static final String TEXT = "\"((?:[^\"\\\\]++|\\\\.)*+)\"";
  private static final Pattern PARAMETER = Pattern.compile("\\{((?:[^{}\"]++|" + TEXT + ")*+)}");
  private static final Pattern FIELD = Pattern.compile(TEXT + "\\s*:\\s*" + TEXT);
  private static final Pattern ESCAPED = Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|(.))");

  private final List<String[]> headers;
  private final String pattern;
  private final Calls header = new Calls("getHeader", String.class);

  private BusinessParameters(List<String[]> headers, String pattern) {
    this.headers = headers;
    this.pattern = pattern;
  }

  static BusinessParameters read(String json) throws Refusal {
    List<String[]> headers = new ArrayList<>();
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
      headers.add(new String[] {key, value});
      rest.append(json, from, parameter.start());
      from = parameter.end();
    }
    String pattern = fields(rest.append(json.substring(from)).toString()).get("pattern");
    pattern = pattern == null ? "and" : pattern.toLowerCase(Locale.ROOT);
    if (headers.isEmpty() || !pattern.matches("and|or|not")) {
      throw Refusal.illegal(
          "b-params",
          "must be like {\"pattern\": \"and\", \"params\": [{\"key\": \"k\", \"value\": \"v\"}]}: "
              + json);
    }
    return new BusinessParameters(headers, pattern);
  }

  private static Map<String, String> fields(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    Matcher field = FIELD.matcher(text);
    while (field.find()) {
      fields.put(plain(field.group(1)), plain(field.group(2)));
    }
    return fields;
  }

  /** Without escapes (RFC 8259, section 7). */
  private static String plain(String text) {
    Matcher escaped = ESCAPED.matcher(text);
    StringBuffer plain = new StringBuffer();
    while (escaped.find()) {
      String code = escaped.group(1);
      String one =
          code == null
              ? unescaped(escaped.group(2))
              : String.valueOf((char) Integer.parseInt(code, 16));
      escaped.appendReplacement(plain, Matcher.quoteReplacement(one));
    }
    return escaped.appendTail(plain).toString();
  }

  private static String unescaped(String letter) {
    int at = "bfnrt".indexOf(letter);
    return at < 0 ? letter : String.valueOf("\b\f\n\r\t".charAt(at));
  }

  @Override
  public boolean holds(@Nullable Object request, @Nullable Object response) throws Exception {
    boolean all = pattern.equals("and");
    for (String[] each : headers) {
      boolean is = request != null && each[1].equals(header.on(request, each[0]));
      if (is != all) {
        return pattern.equals("or");
      }
    }
    return !pattern.equals("or");
  }
}
