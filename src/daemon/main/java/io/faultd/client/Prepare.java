package io.faultd.client;

import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code prepare jvm}: puts the agent into a JVM ahead of experiments. */
final class Prepare implements Verb {
  static final String WHAT = "Puts the agent into a JVM; experiments do so by themselves.";

  private static final Map<String, String> KEYS =
      Map.of("--pid", "pid", "--process", "process", "--uid", "uid", "--javaHome", "javaHome");

  @Override
  public CommandSpec spec(List<String> words) {
    CommandSpec spec = Options.command(WHAT);
    spec.addPositional(Options.words("jvm", 1, 1, "what is prepared"));
    spec.addOption(Options.text("PID", "the JVM's pid", "--pid"));
    spec.addOption(
        Options.text("TEXT", "a part of its command line, which only one may have", "--process"));
    spec.addOption(Options.text("UID", "the preparation's uid; one is made if absent", "--uid"));
    spec.addOption(Options.text("PATH", "taken for older clients; ignored", "--javaHome"));
    spec.addOption(Options.flip("sends an agent that is there away first", "--refresh"));
    return Options.reaching(spec, true);
  }

  @Override
  public int execute(ParseResult result, Session session) {
    JsonObjectBuilder body =
        Rest.JSON.createObjectBuilder().add("type", Options.words(result).getFirst());
    KEYS.forEach((option, key) -> {
      String value = Options.value(result, option);
      if (value != null) {
        body.add(key, value);
      }
    });
    if (Options.given(result, "--refresh")) {
      body.add("refresh", true);
    }
    boolean json = Options.json(result);
    Daemon daemon = Options.daemon(result, session.environment());
    JsonObject answer = daemon.post("/preparations", body.build()).object();
    if (json) {
      session.document(answer);
    } else {
      session.line(Records.text(Records.object(answer, "record"), "uid"));
    }
    Records.warnings(answer).forEach(session::tell);
    return Outcome.OK.code();
  }
}
