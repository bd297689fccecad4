package io.faultd.client;

import jakarta.json.JsonObject;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code revoke}: takes the agent out again. */
final class Revoke implements Verb {
  static final String WHAT = "Ends a JVM's experiments and takes the agent out of it.";

  @Override
  public CommandSpec spec(List<String> words) {
    CommandSpec spec = Options.command(WHAT);
    spec.addPositional(Options.words("UID", 1, 1, "which preparation"));
    return Options.reaching(spec, true);
  }

  @Override
  public int execute(ParseResult result, Session session) {
    String uid = Options.uid(result, Options.words(result).getFirst());
    boolean json = Options.json(result);
    Daemon daemon = Options.daemon(result, session.environment());
    JsonObject answer = daemon.delete("/preparations/" + uid).object();
    if (json) {
      session.document(answer);
    } else {
      session.line(uid);
    }
    return Outcome.OK.code();
  }
}
