package io.faultd.http;

import io.faultd.fault.FaultException;
import io.faultd.spec.Names;
import io.faultd.spec.Units;
import io.helidon.webserver.http.ServerRequest;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The query of a request, read strictly. */
final class Parameters {
  private static final Pattern UID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private final ServerRequest req;

  Parameters(ServerRequest req) {
    this.req = req;
  }

  /** Refuses all parameters but these: one written wrongly would otherwise widen what is meant. */
  void only(Collection<String> known) {
    for (String name : req.query().names()) {
      if (!known.contains(name)) {
        String shown = Names.shown(name);
        throw FaultException.illegal(
            shown, "no such query parameter here" + Names.hint(name, known));
      }
    }
  }

  /** A value; absent if the parameter is absent or empty. */
  @Nullable String text(String name) {
    List<String> values = req.query().all(name, List::of);
    if (values.size() > 1) {
      throw FaultException.illegal(name, "is given more than once");
    }
    return values.isEmpty() || values.getFirst().isEmpty() ? null : values.getFirst();
  }

  /** Whether it is there, unless it says {@code false}. */
  boolean flag(String name) {
    if (!req.query().contains(name)) {
      return false;
    }
    // without an equals sign it has no value at all
    return switch (req.query().all(name, List::of).stream().findFirst().orElse("")) {
      case "", "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw FaultException.illegal(name, "must be true or false");
    };
  }

  @Nullable Duration duration(String name) {
    String text = text(name);
    try {
      return text == null ? null : Units.seconds(text);
    } catch (IllegalArgumentException e) {
      throw FaultException.illegal(name, String.valueOf(e.getMessage()));
    }
  }

  /** All {@code label=k=v}. */
  Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    List<String> given = req.query().all("label", List::of);
    if (given.isEmpty() && req.query().contains("label")) {
      // without a value, which must not read as: all
      given = List.of("");
    }
    for (String label : given) {
      int equals = label.indexOf('=');
      if (equals < 1) {
        throw FaultException.illegal("label", "must be NAME=VALUE");
      }
      String before = labels.put(label.substring(0, equals), label.substring(equals + 1));
      if (before != null) {
        throw FaultException.illegal("label", "has two values for one name");
      }
    }
    return labels;
  }

  /** The uid in the path. */
  static String uid(ServerRequest req) {
    return checkedUid(req.path().pathParameters().get("uid"));
  }

  /** A uid that a client may use. */
  static String checkedUid(String uid) {
    if (!UID.matcher(uid).matches() || uid.equals(".") || uid.equals("..")) {
      throw FaultException.illegal("uid", "must be 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    return uid;
  }
}
