package io.faultd.client;

import jakarta.json.JsonObject;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code watch}: tells each change of an experiment until it has ended. */
final class Watch implements Verb {
  static final String WHAT = "Tells each change of an experiment until it has ended.";

  @Override
  public CommandSpec spec(List<String> words) {
    CommandSpec spec = Options.command(WHAT);
    spec.addPositional(Options.words("UID", 1, 1, "which experiment"));
    return Options.reaching(spec, true);
  }

  @Override
  public int execute(ParseResult result, Session session) {
    String uid = Options.uid(result, Options.words(result).getFirst());
    boolean json = Options.json(result);
    Last last = new Last();
    Options.daemon(result, session.environment())
        .events(uid)
        .follow(record -> {
          last.record = record;
          if (json) {
            session.document(record);
          } else {
            session.line(line(record));
          }
          session.written();
        });
    if (!Records.residue(last.record).isEmpty()) {
      return Outcome.RESIDUE.code();
    }
    String status = Records.status(last.record);
    // what cannot be taken back is finished when it is made
    boolean asOrdered = status.equals("Destroyed") || status.equals("Success");
    return (asOrdered ? Outcome.OK : Outcome.NO_EFFECT).code();
  }

  private static String line(JsonObject record) {
    String text = Records.text(record, "updateTime") + " " + Records.status(record);
    if (Records.inPlace(record)) {
      return text + ", " + Records.effect(record);
    }
    String error = Records.text(record, "error");
    List<String> residue = Records.residue(record);
    return text
        + (error.isEmpty() ? "" : ", " + error)
        + (residue.isEmpty() ? "" : ", left: " + String.join("; ", residue));
  }

  /** As it was at the last change. */
  private static final class Last {
    private JsonObject record = JsonObject.EMPTY_JSON_OBJECT;
  }
}
