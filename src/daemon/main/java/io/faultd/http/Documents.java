package io.faultd.http;

import io.faultd.dispatch.ActionView;
import io.faultd.dispatch.NodeFacts;
import io.faultd.experiment.Destroyed;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Plan;
import io.faultd.experiment.Residue;
import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.spec.FlagSpec;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonBuilderFactory;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonStructure;
import jakarta.json.JsonValue;
import jakarta.json.spi.JsonProvider;
import jakarta.json.stream.JsonGenerator;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The JSON documents of the interface: R, E, plans, actions. */
final class Documents {
  static final String JSON = "application/json";
  static final JsonProvider PROVIDER = JsonProvider.provider();

  // made once: each call of jakarta.json.Json searches the class path
  private static final JsonBuilderFactory MAKE = PROVIDER.createBuilderFactory(Map.of());
  private static final int OK = 200;

  private Documents() {}

  static void send(ServerResponse res, JsonStructure document) {
    res.header(HeaderNames.CONTENT_TYPE, JSON);
    res.send(document.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Sends an R whose result is a list; each of it is made when its turn comes, and let go. */
  static void send(ServerResponse res, JsonObject answer, Stream<JsonObject> result) {
    Iterator<JsonObject> each = result.iterator();
    boolean any = each.hasNext(); // what fails at once still gets an answer of its own
    res.header(HeaderNames.CONTENT_TYPE, JSON);
    try {
      JsonGenerator json = PROVIDER.createGenerator(res.outputStream());
      json.writeStartObject();
      answer.forEach(json::write);
      json.writeStartArray("result");
      while (any) {
        json.write(each.next());
        any = each.hasNext();
      }
      json.writeEnd().writeEnd().close();
    } catch (FaultException | JsonException | UncheckedIOException e) {
      // half an answer is out: only its end can tell that it is none
      throw new CloseConnectionException("a list was cut off", e);
    }
  }

  /** R of a success. */
  static JsonObject success(@Nullable JsonValue result) {
    JsonObjectBuilder answer = MAKE.createObjectBuilder().add("code", OK).add("success", true);
    if (result != null) {
      answer.add("result", result);
    }
    return answer.build();
  }

  /** R of a failure. */
  static JsonObject failure(FaultException failure, @Nullable JsonValue result) {
    JsonObjectBuilder answer =
        MAKE.createObjectBuilder()
            .add("code", failure.code())
            .add("success", false)
            .add("reason", failure.reason().name())
            .add("error", String.valueOf(failure.getMessage()));
    failure.field().ifPresent(field -> answer.add("field", field));
    if (result != null) {
      answer.add("result", result);
    }
    return answer.build();
  }

  static JsonValue text(String text) {
    return PROVIDER.createValue(text);
  }

  /** R and the record. */
  static JsonObject withRecord(JsonObject response, Experiment experiment) {
    return MAKE.createObjectBuilder()
        .add("response", response)
        .add("record", experiment(experiment))
        .build();
  }

  /** E. */
  static JsonObject experiment(Experiment e) {
    JsonObjectBuilder document =
        MAKE.createObjectBuilder()
            .add("uid", e.uid())
            .add("scope", e.scope())
            .add("target", e.target())
            .add("action", e.action())
            .add("flags", texts(e.flags()))
            .add("labels", texts(e.labels()))
            .add("command", e.command())
            .add("subCommand", e.subCommand())
            .add("flag", e.flag())
            .add("status", e.status().text())
            .add("error", e.error())
            .add("description", e.description())
            .add("createTime", e.created().toString())
            .add("updateTime", e.updated().toString());
    if (e.expires() != null) {
      document.add("expireTime", e.expires().toString());
    }
    document.add("undo", e.undo());
    if (e.engine() != null) {
      document.add("engine", e.engine());
    }
    return document
        .add("warnings", list(e.warnings()))
        .add("residue", residue(e.residue()))
        .add("effect", effect(e.effect()))
        .build();
  }

  /** What a destroy says of one experiment; its status only among those of others. */
  static JsonObject outcome(Destroyed destroyed, boolean amongOthers) {
    Experiment experiment = destroyed.experiment();
    JsonObjectBuilder result =
        MAKE.createObjectBuilder()
            .add("uid", experiment.uid())
            .add("target", experiment.target())
            .add("action", experiment.action())
            .add("flags", texts(experiment.flags()));
    if (amongOthers) {
      result.add("status", experiment.status().text());
    }
    if (!experiment.residue().isEmpty()) {
      result.add("residue", residue(experiment.residue()));
    }
    if (!experiment.warnings().isEmpty()) {
      result.add("warnings", list(experiment.warnings()));
    }
    return result.build();
  }

  static JsonObject swept(Experiments.Swept swept) {
    return MAKE.createObjectBuilder()
        .add("undone", list(swept.undone()))
        .add("unsure", list(swept.unsure()))
        .build();
  }

  static JsonObject plan(Plan plan) {
    JsonArrayBuilder targets = MAKE.createArrayBuilder();
    plan.targets()
        .forEach(aim ->
            targets.add(
                MAKE.createObjectBuilder()
                    .add("kind", aim.kind())
                    .add("id", aim.id())
                    .add("name", aim.name())));
    return MAKE.createObjectBuilder()
        .add("response", success(null))
        .add(
            "plan",
            MAKE.createObjectBuilder()
                .add("targets", targets)
                .add("steps", list(plan.steps()))
                .add("conflicts", list(plan.conflicts()))
                .add("undo", plan.undo()))
        .build();
  }

  static JsonStructure actions(List<ActionView> actions) {
    JsonArrayBuilder list = MAKE.createArrayBuilder();
    actions.forEach(action -> list.add(action(action)));
    return list.build();
  }

  static JsonObject info(NodeFacts info) {
    JsonObjectBuilder capabilities = MAKE.createObjectBuilder();
    new TreeMap<>(info.capabilities()).forEach(capabilities::add);
    return MAKE.createObjectBuilder()
        .add("node", info.node())
        .add("bootId", info.bootId())
        .add("instance", info.instance())
        .add("version", info.version())
        .add("kernel", info.kernel())
        .add("capabilities", capabilities)
        .build();
  }

  /** The failure of which a record tells. */
  static FaultException residue(String uid) {
    return new FaultException(
        Reason.RESIDUE, uid + ": not all could be undone; it is tried again, or see force=true");
  }

  private static JsonObjectBuilder action(ActionView view) {
    JsonArrayBuilder flags = MAKE.createArrayBuilder();
    view.flags().forEach(flag -> flags.add(flag(flag)));
    JsonObjectBuilder entry =
        MAKE.createObjectBuilder()
            .add("scope", view.scope())
            .add("target", view.spec().target())
            .add("action", view.spec().action())
            .add("aliases", list(view.spec().aliases()))
            .add("desc", view.spec().desc())
            .add("flags", flags)
            .add("undo", view.spec().undo())
            .add("available", view.missing() == null);
    if (view.missing() != null) {
      entry.add("missing", view.missing());
    }
    if (view.engine() != null) {
      entry.add("engine", view.engine());
    }
    return entry.add("implemented", view.implemented());
  }

  private static JsonObjectBuilder flag(FlagSpec flag) {
    JsonObjectBuilder entry =
        MAKE.createObjectBuilder()
            .add("name", flag.name())
            .add("desc", flag.desc())
            .add("type", flag.type().name().toLowerCase(Locale.ROOT));
    if (flag.unit() != null) {
      entry.add("unit", flag.unit());
    }
    number(entry, "min", flag.min());
    number(entry, "max", flag.max());
    if (!flag.values().isEmpty()) {
      entry.add("values", list(flag.values()));
    }
    if (flag.initial() != null) {
      entry.add("default", flag.initial());
    }
    return entry.add("required", flag.required());
  }

  private static JsonObjectBuilder effect(Effect effect) {
    JsonObjectBuilder document =
        MAKE.createObjectBuilder().add("state", effect.state().name().toLowerCase(Locale.ROOT));
    number(document, "asked", effect.asked());
    number(document, "achieved", effect.achieved());
    if (effect.unit() != null) {
      document.add("unit", effect.unit());
    }
    if (effect.hits() != null) {
      document.add("hits", effect.hits());
    }
    if (effect.bytes() != null) {
      document.add("bytes", effect.bytes());
    }
    document.add("since", effect.since().toString());
    if (effect.detail() != null) {
      document.add("detail", effect.detail());
    }
    return document;
  }

  /** Whole numbers without a fraction; what is no number (nothing was measured yet) not at all. */
  private static void number(JsonObjectBuilder document, String name, @Nullable Double number) {
    if (number != null && Double.isFinite(number)) {
      BigDecimal decimal = BigDecimal.valueOf(number).stripTrailingZeros();
      document.add(name, decimal.scale() < 0 ? decimal.setScale(0) : decimal);
    }
  }

  private static JsonArrayBuilder residue(List<Residue> residue) {
    JsonArrayBuilder list = MAKE.createArrayBuilder();
    residue.forEach(step ->
        list.add(
            MAKE.createObjectBuilder()
                .add("step", step.step())
                .add("since", step.since().toString())
                .add("tries", step.tries())
                .add("error", step.error())));
    return list;
  }

  private static JsonArrayBuilder list(Collection<String> texts) {
    JsonArrayBuilder list = MAKE.createArrayBuilder();
    texts.forEach(list::add);
    return list;
  }

  private static JsonObjectBuilder texts(Map<String, String> texts) {
    JsonObjectBuilder object = MAKE.createObjectBuilder();
    new TreeMap<>(texts).forEach(object::add);
    return object;
  }
}
