package io.faultd.agent.session;

import io.faultd.agent.core.Flags;
import io.faultd.agent.core.Library;
import io.faultd.agent.core.Load;
import io.faultd.agent.core.Refusal;
import io.faultd.agent.core.Rule;
import io.faultd.agent.core.Rules;
import io.faultd.agent.library.Libraries;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers requests of the daemon. */
final class Conversation {
  private final Rules rules;

  /** What the daemon calls the rules: target and action, by name. */
  private final Map<String, String[]> named = new HashMap<>();

  private final Map<String, Load> loads = new ConcurrentHashMap<>();

  Conversation(Rules rules) {
    this.rules = rules;
  }

  /** The reply to a request: one or more lines. */
  @SuppressWarnings("IllegalCatch") // whatever it is, the daemon is to hear of it
  String answer(String line) {
    String number = "0";
    try {
      Message request = Message.read(line);
      number = request.number();
      return reply(request);
    } catch (Refusal refusal) {
      return error(number, refusal);
    } catch (IllegalArgumentException e) {
      return error(number, new Refusal(Refusal.Kind.BAD_REQUEST, null, String.valueOf(e)));
    } catch (Throwable failure) {
      return error(number, new Refusal(Refusal.Kind.FAILED, null, String.valueOf(failure)));
    }
  }

  private String reply(Message request) throws Refusal {
    String number = request.number();
    switch (request.word()) {
      case "ping":
        return ping(number);
      case "prime":
        long start = System.nanoTime();
        rules.prime();
        return new Message.Line("ok", number).with("micros", micros(start)).toString();
      case "add":
        return add(request);
      case "remove":
        return remove(request);
      case "list":
        return list(number);
      case "off":
        end();
        return new Message.Line("ok", number).toString();
      default:
        throw new IllegalArgumentException("no such request: " + request.word());
    }
  }

  private String ping(String number) {
    Message.Line line = new Message.Line("ok", number);
    String left = rules.left();
    return (left == null ? line : line.with("text", left)).toString();
  }

  private String add(Message request) throws Refusal {
    long start = System.nanoTime();
    Map<String, String> fields = request.fields();
    String id = take(fields, "rule");
    String target = take(fields, "target");
    String action = take(fields, "action");
    Library library = Libraries.of(target);
    if (library == null) {
      throw new Refusal(Refusal.Kind.UNKNOWN_ACTION, null, "no such target: " + target);
    }
    Flags flags = new Flags(fields);
    if (named.containsKey(id)) {
      throw new Refusal(Refusal.Kind.CONFLICT, null, "there is a rule " + id);
    }
    Load load = library.load(action, flags);
    if (load != null) {
      loads.put(id, load);
      named.put(id, new String[] {target, action});
      load.start();
      return loaded(new Message.Line("ok", request.number()), load).toString();
    }
    Rule rule = new Rule(id, library.aim(flags), library.action(action, flags), flags);
    rules.add(rule);
    named.put(id, new String[] {target, action});
    Message.Line line =
        new Message.Line("ok", request.number())
            .with("state", rule.state())
            .with("classes", rule.classes())
            .with("methods", rule.methods())
            .with("micros", micros(start));
    for (String warning : rule.warnings()) {
      line.with("warning", warning);
    }
    return line.toString();
  }

  private String remove(Message request) {
    String id = take(request.fields(), "rule");
    Load load = loads.remove(id);
    if (load != null) {
      load.stop();
      named.remove(id);
      return new Message.Line("ok", request.number()).with("hits", 0).toString();
    }
    Rule rule = rules.remove(id);
    named.remove(id);
    Message.Line line = new Message.Line("ok", request.number());
    return rule == null
        ? line.with("absent", true).toString()
        : line.with("hits", rule.hits()).toString();
  }

  /** Whether there is something to {@link #tidy}. */
  boolean untidy() {
    return rules.untidy();
  }

  /**
   * What an answer need not wait for; also from another thread.
   *
   * @return false if the JVM refuses; what is still woven in does nothing any more
   */
  boolean tidy() {
    try {
      rules.tidy();
      return true;
    } catch (Refusal refusal) {
      return false;
    }
  }

  /**
   * All rules are out when this returns; also from another thread.
   *
   * @throws Refusal if code of theirs stays that does nothing
   */
  void end() throws Refusal {
    for (Load load : loads.values()) {
      load.stop();
    }
    loads.clear();
    rules.clear();
  }

  private static Message.Line loaded(Message.Line line, Load load) {
    return line.with("state", "armed")
        .with("hits", 0)
        .with("classes", 0)
        .with("methods", 0)
        .with("threads", load.threads());
  }

  private Message.Line item(String number, String id) {
    String[] name = named.getOrDefault(id, new String[] {"", ""});
    return new Message.Line("item", number)
        .with("rule", id)
        .with("target", name[0])
        .with("action", name[1]);
  }

  private String list(String number) {
    rules.look();
    StringBuilder lines = new StringBuilder();
    for (Rule rule : rules.all()) {
      Message.Line line =
          item(number, rule.id())
              .with("state", rule.state())
              .with("hits", rule.hits())
              .with("classes", rule.classes())
              .with("methods", rule.methods());
      String error = rule.error();
      lines.append(error == null ? line : line.with("error", error));
    }
    for (Map.Entry<String, Load> each : loads.entrySet()) {
      lines.append(loaded(item(number, each.getKey()), each.getValue()));
    }
    return lines.append(new Message.Line("ok", number)).toString();
  }

  private static String take(Map<String, String> fields, String key) {
    String value = fields.remove(key);
    if (value == null) {
      throw new IllegalArgumentException("field missing: " + key);
    }
    return value;
  }

  private static long micros(long since) {
    return TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - since);
  }

  static String error(String number, Refusal refusal) {
    Message.Line line =
        new Message.Line("error", number)
            .with("kind", refusal.kind().text())
            .with("text", String.valueOf(refusal.getMessage()));
    @Nullable String flag = refusal.flag();
    return (flag == null ? line : line.with("flag", flag)).toString();
  }
}
