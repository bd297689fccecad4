package io.faultd.client;

import jakarta.json.JsonObject;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code destroy}: undoes one experiment, some, or all. */
final class Destroy implements Verb {
  static final String WHAT = "Puts back what experiments broke.";

  private static final String ALL = "--all";
  private static final String LABEL = "--label";
  private static final String FORCE = "--force";

  @Override
  public CommandSpec spec(List<String> words) {
    CommandSpec spec = Options.command(WHAT);
    spec.addPositional(Options.words("UID", 0, Integer.MAX_VALUE, "which experiments"));
    spec.addOption(Options.flip("everything that is in place", ALL));
    spec.addOption(
        Options.texts(
            "NAME=VALUE", "all with this label; may be repeated: with all of them", LABEL));
    spec.addOption(Options.flip("gives up what cannot be undone", FORCE));
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
    if (force && uids.isEmpty()) {
      throw Options.wrong(result, FORCE + ": only goes with UID");
    }
    boolean json = Options.json(result);
    Daemon daemon = Options.daemon(result, session.environment());
    if (uids.isEmpty()) {
      return some(daemon, labels, json, session);
    }
    Outcome worst = Outcome.OK;
    for (String uid : uids) {
      Outcome outcome = one(daemon, uid, force, session, json);
      worst = outcome.compareTo(worst) > 0 ? outcome : worst;
    }
    return worst.code();
  }

  private static Outcome one(
      Daemon daemon, String uid, boolean force, Session session, boolean json) {
    try {
      JsonObject answer = daemon.destroy(uid, force);
      JsonObject experiment = Records.object(answer, "result");
      if (json) {
        session.out().println(answer);
      } else {
        session.out().println(uid);
      }
      Records.warnings(experiment).forEach(session::tell);
      Records.residue(experiment).forEach(step -> session.tell("given up: " + step));
      return Outcome.OK;
    } catch (ClientException e) {
      Client.tell(e, json, session);
      return e.outcome();
    }
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
      session.out().println(answer);
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
