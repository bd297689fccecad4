package io.faultd.client;

import io.faultd.client.Rest.Answer;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code status}: looks at experiments and preparations. */
final class Status implements Verb {
  static final String WHAT = "Shows experiments, or preparations.";

  private static final String TYPE = "--type";

  /** Options that are query parameters of the same name. */
  private static final Map<String, String> FILTERS = new LinkedHashMap<>();

  static {
    FILTERS.put("--target", "only of this target, or its alias");
    FILTERS.put("--action", "only of this action, or its alias");
    FILTERS.put("--flag", "only with this text among the flags");
    FILTERS.put(
        "--status", "only in this status: Created, Success, Error, Destroyed; Running, Revoked");
    FILTERS.put("--label", "NAME=VALUE: only with this label");
    FILTERS.put("--limit", "N, or OFFSET,N: at most so many, the newest first (1000)");
  }

  @Override
  public CommandSpec spec(List<String> words) {
    CommandSpec spec = Options.command(WHAT);
    spec.addPositional(Options.words("UID", 0, 1, "only this one"));
    spec.addOption(
        OptionSpec.builder("-t", TYPE)
            .paramLabel("create|prepare")
            .type(String.class)
            .completionCandidates(List.of("create", "prepare"))
            .description("experiments (create) or preparations (prepare)")
            .build());
    FILTERS.forEach((name, what) -> spec.addOption(Options.text("TEXT", what, name)));
    spec.addOption(Options.flip("the oldest first", "--asc"));
    return Options.reaching(spec, true);
  }

  @Override
  public int execute(ParseResult result, Session session) {
    Map<String, String> query = new LinkedHashMap<>();
    List<String> uid = Options.words(result);
    String type = Options.value(result, TYPE);
    if (!uid.isEmpty()) {
      query.put("uid", Options.uid(result, uid.getFirst()));
    }
    if (type != null || uid.isEmpty()) {
      query.put("type", Objects.requireNonNullElse(type, "create"));
    }
    for (String name : FILTERS.keySet()) {
      String value = Options.value(result, name);
      if (value != null) {
        query.put(name.substring(2), value);
      }
    }
    if (Options.given(result, "--asc")) {
      query.put("asc", "true");
    }
    boolean json = Options.json(result);
    Answer answer = Options.daemon(result, session.environment()).get("/status", query);
    if (json) {
      session.document(answer.document());
    } else {
      show(answer.object(), session);
    }
    return Outcome.OK.code();
  }

  private static void show(JsonObject answer, Session session) {
    List<JsonObject> found =
        answer.get("result") instanceof JsonArray array
            ? Records.objects(array)
            : List.of(Records.object(answer, "result"));
    boolean prepared = !found.isEmpty() && found.getFirst().containsKey("programType");
    if (answer.get("result") instanceof JsonObject one) {
      one(one, session);
    } else if (prepared) {
      preparations(found).print(session.out());
    } else {
      experiments(found).print(session.out());
    }
  }

  /** All of one, a line for each thing that there is to be said. */
  private static void one(JsonObject record, Session session) {
    record.forEach((key, value) -> {
      String text =
          switch (key) {
            case "effect" -> Records.effect(record);
            case "residue" -> String.join("; ", Records.residue(record));
            case "warnings" -> String.join("; ", Records.warnings(record));
            case "flags" -> Records.flags(record);
            case "command", "subCommand", "flag" -> "";
            default -> Records.text(record, key);
          };
      if (!text.isEmpty() && !text.equals("{}")) {
        session.line("%-12s %s".formatted(key, text));
      }
    });
  }

  private static Table experiments(List<JsonObject> found) {
    Table table = new Table("UID", "STATUS", "EXPERIMENT", "EFFECT", "ENDS", "FLAGS", "ERROR");
    for (JsonObject each : found) {
      table.row(
          Records.text(each, "uid"),
          Records.status(each),
          Records.name(each),
          Records.inPlace(each) ? Records.effect(each) : "",
          Records.inPlace(each) ? Records.text(each, "expireTime") : "",
          Records.flags(each),
          Records.text(each, "error"));
    }
    return table;
  }

  private static Table preparations(List<JsonObject> found) {
    Table table = new Table("UID", "STATUS", "TYPE", "PID", "PROCESS", "ERROR");
    for (JsonObject each : found) {
      table.row(
          Records.text(each, "uid"),
          Records.status(each),
          Records.text(each, "programType"),
          Records.text(each, "pid"),
          Records.text(each, "process"),
          Records.text(each, "error"));
    }
    return table;
  }
}
