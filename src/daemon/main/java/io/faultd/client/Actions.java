package io.faultd.client;

import io.faultd.client.Rest.Answer;
import io.faultd.spec.Names;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code actions}: what this daemon can break on its node. */
final class Actions implements Verb {
  static final String WHAT = "Lists what the daemon can break on its node, and what is missing.";

  @Override
  public CommandSpec spec(List<String> words) {
    CommandSpec spec = Options.command(WHAT);
    spec.addPositional(
        Options.words("TARGET [ACTION]", 0, 2, "only of this target; of one action, its flags"));
    return Options.reaching(spec, true);
  }

  @Override
  public int execute(ParseResult result, Session session) {
    List<String> words = Options.words(result);
    boolean json = Options.json(result);
    Answer answer = Options.daemon(result, session.environment()).get("/actions", Map.of());
    List<JsonObject> all =
        answer.document() instanceof JsonArray array ? Records.objects(array) : List.of();
    List<JsonObject> found = all.stream().filter(each -> meant(each, words)).toList();
    if (found.isEmpty() && !words.isEmpty()) {
      List<String> names =
          all.stream()
              .map(each -> Records.text(each, words.size() == 1 ? "target" : "action"))
              .distinct()
              .toList();
      throw new ClientException(
          Outcome.REFUSED,
          String.join(" ", words)
              + ": there is no such action"
              + Names.hint(words.getLast(), names));
    }
    if (json) {
      JsonArrayBuilder list = Rest.JSON.createArrayBuilder();
      found.forEach(list::add);
      session.document(list.build());
    } else if (words.size() == 2) {
      flags(found.getFirst(), session);
    } else {
      list(found).print(session.out());
    }
    return Outcome.OK.code();
  }

  private static boolean meant(JsonObject action, List<String> words) {
    return (words.isEmpty() || Records.text(action, "target").equals(words.getFirst()))
        && (words.size() < 2
            || Records.text(action, "action").equals(words.get(1))
            || Records.texts(action, "aliases").contains(words.get(1)));
  }

  private static Table list(List<JsonObject> actions) {
    Table table = new Table("ACTION", "SCOPE", "UNDO", "MISSING", "DESCRIPTION");
    for (JsonObject each : actions) {
      table.row(
          Records.text(each, "target") + " " + Records.text(each, "action"),
          Records.text(each, "scope"),
          Records.text(each, "undo"),
          Records.text(each, "missing"),
          Records.text(each, "desc"));
    }
    return table;
  }

  private static void flags(JsonObject action, Session session) {
    session.line(Records.text(action, "desc"));
    session.line("");
    Table table = new Table("FLAG", "TYPE", "UNIT", "RANGE", "DEFAULT", "DESCRIPTION");
    for (JsonObject each : Records.objects(action, "flags")) {
      String needed = Records.text(each, "required").equals("true") ? " (required)" : "";
      table.row(
          Records.text(each, "name") + needed,
          Records.text(each, "type"),
          Records.text(each, "unit"),
          range(each),
          Records.text(each, "default"),
          Records.text(each, "desc"));
    }
    table.print(session.out());
  }

  private static String range(JsonObject flag) {
    if (flag.containsKey("values")) {
      return Records.texts(flag, "values").stream().collect(Collectors.joining("|"));
    }
    String min = Records.text(flag, "min");
    String max = Records.text(flag, "max");
    return min.isEmpty() && max.isEmpty() ? "" : min + ".." + max;
  }
}
