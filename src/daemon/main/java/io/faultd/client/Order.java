package io.faultd.client;

import io.faultd.spec.Outline;
import io.faultd.spec.Units;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * An order to break something.
 *
 * @param uid chosen here, so that it can be asked for and destroyed whatever becomes of the answer
 * @param action what
 * @param document as the daemon takes it
 */
record Order(String uid, Outline.Action action, JsonObject document) {
  private static final String SCOPE = "--scope";
  private static final String DESCRIPTION = "--description";
  private static final String LABEL = "--label";

  /** The options that say more of an order than flags do. */
  static List<OptionSpec> options() {
    return List.of(
        OptionSpec.builder(SCOPE)
            .paramLabel("host|cri")
            .type(String.class)
            .completionCandidates(List.of("host", "cri"))
            .description("on the node, or in a container of it")
            .build(),
        Options.text("TEXT", "is kept with the record", DESCRIPTION),
        Options.texts("NAME=VALUE", "is kept with the record; may be repeated", LABEL));
  }

  /**
   * The order of a command line.
   *
   * @param uid absent: a new one
   * @param timeout unless there is one already; absent: none
   */
  static Order of(ParseResult result, @Nullable String uid, @Nullable String timeout) {
    ActionCommand command = ActionCommand.of(result);
    Map<String, String> given = command.flags(result);
    if (timeout != null) {
      given.putIfAbsent("timeout", timeout);
    }
    String name = uid == null ? random() : uid;
    JsonObjectBuilder flags = Rest.JSON.createObjectBuilder();
    given.forEach(flags::add);
    JsonObjectBuilder labels = Rest.JSON.createObjectBuilder();
    for (String label : Options.values(result, command.own(LABEL))) {
      int equals = label.indexOf('=');
      if (equals < 1) {
        throw Options.wrong(result, LABEL + ": must be NAME=VALUE: " + label);
      }
      labels.add(label.substring(0, equals), label.substring(equals + 1));
    }
    JsonObjectBuilder document =
        Rest.JSON
            .createObjectBuilder()
            .add("uid", name)
            .add("scope", text(result, command.own(SCOPE)))
            .add("target", command.action().target())
            .add("action", command.action().name())
            .add("flags", flags)
            .add("description", text(result, command.own(DESCRIPTION)))
            .add("labels", labels);
    return new Order(name, command.action(), document.build());
  }

  /** The target and the action. */
  String name() {
    return action.target() + " " + action.name();
  }

  /** What a daemon is told of it that has no record any more. */
  JsonObject withoutRecord() {
    JsonObjectBuilder told = Rest.JSON.createObjectBuilder();
    for (String key : List.of("scope", "target", "action", "flags")) {
      told.add(key, document.get(key));
    }
    return told.build();
  }

  /** Whether it is answered before the fault is in place. */
  boolean async() {
    return !document.getJsonObject("flags").getString("async", "false").equals("false");
  }

  /** Whether it never ends by itself. */
  boolean endless() {
    try {
      return Units.seconds(document.getJsonObject("flags").getString("timeout", "0")).isZero();
    } catch (IllegalArgumentException e) {
      // the daemon refuses it, and says why
      return false;
    }
  }

  private static String text(ParseResult result, String option) {
    return Objects.requireNonNullElse(Options.value(result, option), "");
  }

  /** What nobody else has: a uid, a key. */
  static String random() {
    byte[] bytes = new byte[8];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
