package io.faultd.client;

import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code destroy}: undoes one experiment, some, or all. */
final class Destroy implements Verb {
  static final String WHAT = "Puts back what experiments broke.";

  private static final String ALL = "--all";
  private static final String LABEL = "--label";
  private static final String FORCE = "--force";
  private static final String SCOPE = "--scope";
  private static final String TARGET = "--target";
  private static final String ACTION = "--action";
  private static final String FLAG = "--flag";

  @Override
  public CommandSpec spec(List<String> words) {
    CommandSpec spec = Options.command(WHAT);
    spec.addPositional(Options.words("UID", 0, Integer.MAX_VALUE, "which experiments"));
    spec.addOption(Options.flip("everything that is in place", ALL));
    spec.addOption(
        Options.texts(
            "NAME=VALUE", "all with this label; may be repeated: with all of them", LABEL));
    spec.addOption(Options.flip("gives up what cannot be undone", FORCE));
    Sections.add(
        spec,
        "What it was, for when no record is left",
        List.of(
            Options.text("SCOPE", "host or cri", SCOPE),
            Options.text("TARGET", "the target", TARGET),
            Options.text("ACTION", "the action", ACTION),
            Options.texts("NAME=VALUE", "a flag; may be repeated", FLAG)));
    return Options.reaching(spec, true);
  }

  @Override
  public int execute(ParseResult result, Session session) {
    List<String> uids = Options.words(result);
    List<String> labels = Options.values(result, LABEL);
    boolean all = Options.given(result, ALL);
    // an empty variable of a script must never read as: everything
    int ways = (uids.isEmpty() ? 0 : 1) + (labels.isEmpty() ? 0 : 1) + (all ? 1 : 0);
    if (ways != 1) {
      throw Options.wrong(result, "say which: UID, or --label NAME=VALUE, or --all");
    }
    uids.forEach(uid -> Options.uid(result, uid));
    boolean force = Options.given(result, FORCE);
    fits(result, uids.isEmpty());
    boolean json = Options.json(result);
    Daemon daemon = Options.daemon(result, session.environment());
    if (uids.isEmpty()) {
      return some(daemon, labels, json, session);
    }
    if (Options.given(result, TARGET)) {
      return lost(daemon, uids.getFirst(), result, session).code();
    }
    Outcome worst = Outcome.OK;
    for (String uid : uids) {
      Outcome outcome = one(daemon, uid, force, session, json);
      worst = outcome.compareTo(worst) > 0 ? outcome : worst;
    }
    return worst.code();
  }

  /** What would not be looked at narrows nothing: it must not seem as if it did. */
  private static void fits(ParseResult result, boolean some) {
    for (String option : List.of(FORCE, TARGET, ACTION, FLAG, SCOPE)) {
      if (!Options.given(result, option)) {
        continue;
      }
      if (some) {
        throw Options.wrong(result, option + ": only goes with UID");
      }
      if (!option.equals(FORCE) && !Options.given(result, TARGET)) {
        throw Options.wrong(result, option + ": only goes with " + TARGET);
      }
    }
  }

  private static Outcome one(
      Daemon daemon, String uid, boolean force, Session session, boolean json) {
    try {
      JsonObject answer = daemon.destroy(uid, force);
      JsonObject experiment = Records.object(answer, "result");
      if (json) {
        session.document(answer);
      } else {
        session.line(uid);
      }
      Records.warnings(experiment).forEach(session::tell);
      Records.residue(experiment).forEach(step -> session.tell("given up: " + step));
      return Outcome.OK;
    } catch (ClientException e) {
      Client.tell(e, json, session);
      return e.outcome();
    }
  }

  /** What it was; there is one uid, and an action. */
  private static JsonObject body(ParseResult result) {
    String action = Options.value(result, ACTION);
    if (action == null || Options.words(result).size() != 1) {
      throw Options.wrong(result, TARGET + ": only goes with one UID and " + ACTION);
    }
    JsonObjectBuilder flags = Rest.JSON.createObjectBuilder();
    for (String flag : Options.values(result, FLAG)) {
      int end = flag.indexOf('=');
      flags.add(end < 0 ? flag : flag.substring(0, end), flag.substring(end < 0 ? 0 : end + 1));
    }
    return Rest.JSON
        .createObjectBuilder()
        .add("scope", Objects.requireNonNullElse(Options.value(result, SCOPE), ""))
        .add("target", Objects.requireNonNullElse(Options.value(result, TARGET), ""))
        .add("action", action)
        .add("flags", flags)
        .build();
  }

  /** Tells what was found on the node, if no record was. */
  private static Outcome lost(Daemon daemon, String uid, ParseResult result, Session session) {
    JsonObject answer = daemon.destroy(uid, Options.given(result, FORCE), body(result));
    JsonObject found = Records.object(answer, "result");
    if (Options.json(result)) {
      session.document(answer);
    } else {
      session.line(uid);
    }
    Records.texts(found, "undone").forEach(each -> session.tell("undone: " + each));
    Records.texts(found, "unsure").forEach(each -> session.tell("not touched: " + each));
    return Records.texts(found, "unsure").isEmpty() ? Outcome.OK : Outcome.RESIDUE;
  }

  private static int some(Daemon daemon, List<String> labels, boolean json, Session session) {
    JsonObject answer;
    Outcome outcome = Outcome.OK;
    try {
      answer = daemon.destroyAll(labels);
    } catch (ClientException e) {
      answer = e.answer().filter(told -> told.containsKey("result")).orElseThrow(() -> e);
      outcome = e.outcome();
      session.tell(String.valueOf(e.getMessage()));
    }
    if (json) {
      session.document(answer);
      return outcome.code();
    }
    Table table = new Table("UID", "STATUS", "EXPERIMENT", "LEFT");
    for (JsonObject each : Records.objects(answer, "result")) {
      table.row(
          Records.text(each, "uid"),
          Records.status(each),
          Records.name(each),
          String.join("; ", Records.residue(each)));
    }
    table.print(session.out());
    return outcome.code();
  }
}
