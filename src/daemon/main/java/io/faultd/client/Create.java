package io.faultd.client;

import io.faultd.client.Rest.Answer;
import io.faultd.spec.Units;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code create TARGET ACTION}: injects. */
final class Create implements Verb {
  static final String WHAT = "Breaks something.";
  static final String WAIT_TIMEOUT = "--wait-timeout";
  static final String SETTLE = "30s";

  private static final String UID = "--uid";
  private static final String DRY_RUN = "--dry-run";
  private static final String WAIT = "--wait";

  private final @Nullable Path specs;

  /**
   * With the actions of our own specs and others.
   *
   * @param specs has these; absent: there are none
   */
  Create(@Nullable Path specs) {
    this.specs = specs;
  }

  @Override
  public CommandSpec spec(List<String> words) {
    CommandSpec spec = Options.command(WHAT);
    tree(specs).fill(spec, words);
    return spec;
  }

  static ActionTree tree(@Nullable Path specs) {
    return new ActionTree("create", Create::options, Set.of(), false, specs);
  }

  private static List<OptionSpec> options() {
    List<OptionSpec> own = new ArrayList<>(Order.options());
    own.add(Options.specs());
    own.add(Options.text("UID", "its uid; one is made if absent", UID));
    own.add(Options.flip("tells what would be touched, and changes nothing", DRY_RUN));
    own.add(Options.flip("waits until the effect is as asked", WAIT));
    own.add(Options.text("TIME", "waits so long at most (" + SETTLE + ")", WAIT_TIMEOUT));
    return own;
  }

  @Override
  public int execute(ParseResult result, Session session) {
    ActionCommand command = ActionCommand.of(result);
    String uid = Options.value(result, command.own(UID));
    Order order = Order.of(result, uid == null ? null : Options.uid(result, uid), null);
    boolean wait = Options.given(result, command.own(WAIT));
    if (wait && order.async()) {
      throw Options.wrong(result, command.own(WAIT) + ": does not go with --async");
    }
    Daemon daemon = Options.daemon(result, session.environment());
    boolean json = Options.json(result);
    if (Options.given(result, command.own(DRY_RUN))) {
      plan(daemon, order, json, session);
      return Outcome.OK.code();
    }
    Duration settle = settle(result, command.own(WAIT_TIMEOUT));
    JsonObject answer = daemon.create(order.document(), wait ? settle : null);
    JsonObject experiment = Records.object(answer, "record");
    if (!made(experiment)) {
      throw new ClientException(
          Outcome.NO_EFFECT,
          "it is not in place, but %s: %s"
              .formatted(Records.status(experiment), Records.text(experiment, "error")),
          answer);
    }
    if (json) {
      session.document(answer);
    } else {
      session.line(order.uid());
    }
    Records.warnings(experiment).forEach(session::tell);
    if (wait && !Records.settled(experiment)) {
      session.tell(
          "it stays in place, but the effect is not as asked: " + Records.effect(experiment));
      return Outcome.NO_EFFECT.code();
    }
    return Outcome.OK.code();
  }

  /** Whether it is in place, or will be. */
  private static boolean made(JsonObject experiment) {
    return Records.inPlace(experiment) || Records.status(experiment).equals("Created");
  }

  /** How long to wait for the effect. */
  static Duration settle(ParseResult result, String option) {
    String text = Options.value(result, option);
    try {
      return Units.seconds(text == null ? SETTLE : text);
    } catch (IllegalArgumentException e) {
      throw Options.wrong(result, option + ": " + e.getMessage() + ": " + text);
    }
  }

  private static void plan(Daemon daemon, Order order, boolean json, Session session) {
    JsonObject asked = Rest.JSON.createObjectBuilder(order.document()).add("dryRun", true).build();
    Answer answer = daemon.post("/experiments", asked);
    if (json) {
      session.document(answer.document());
      return;
    }
    JsonObject plan = Records.object(answer.object(), "plan");
    for (JsonObject target : Records.objects(plan, "targets")) {
      session.line("touches   " + target(target));
    }
    Records.texts(plan, "steps").forEach(step -> session.line("would     " + step));
    Records.texts(plan, "conflicts").forEach(uid -> session.line("clashes   " + uid));
    session.line("undo      " + Records.text(plan, "undo"));
  }

  private static String target(JsonObject target) {
    String id = Records.text(target, "id");
    String name = Records.text(target, "name");
    String more = name.isEmpty() || name.equals(id) ? "" : " (" + name + ")";
    return Records.text(target, "kind") + " " + id + more;
  }
}
