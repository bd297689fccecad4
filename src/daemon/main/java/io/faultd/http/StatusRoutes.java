package io.faultd.http;

import io.faultd.dispatch.ActionView;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Query;
import io.faultd.experiment.Status;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.preparation.Preparation;
import io.faultd.preparation.PreparationQuery;
import io.faultd.preparation.PreparationStatus;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The lists of experiments and of preparations, with upstream's filters. */
final class StatusRoutes {
  private static final Pattern LIMIT = Pattern.compile("(?:(\\d{1,9}),)?(\\d{1,9})");
  private static final int LARGEST = 10_000;
  private static final int USUAL = 1_000;
  private static final Set<String> PARAMETERS =
      Set.of(
          "type",
          "uid",
          "target",
          "action",
          "flag",
          "flag-filter",
          "status",
          "label",
          "limit",
          "asc");

  private final Supplier<Backend> backend;

  StatusRoutes(Supplier<Backend> backend) {
    this.backend = backend;
  }

  List<Route> routes() {
    return List.of(new Route(Method.GET, Route.API + "/status", PARAMETERS, this::status));
  }

  private void status(ServerRequest req, ServerResponse res) {
    Parameters parameters = new Parameters(req);
    String type = parameters.text("type");
    String uid = parameters.text("uid");
    if (type == null && uid == null) {
      throw FaultException.missing("type", "type or uid is needed");
    }
    boolean prepared = prepared(type);
    if (prepared) {
      preparations(parameters, uid, res);
      return;
    }
    Optional<Experiment> known =
        uid == null
            ? Optional.empty()
            : backend.get().experiments().get(Parameters.checkedUid(uid));
    if (uid != null
        && type == null
        && known.isEmpty()
        && backend.get().preparations().get(uid).isPresent()) {
      preparations(parameters, uid, res);
      return;
    }
    Query query = query(parameters, uid);
    Stream<Experiment> found = backend.get().experiments().list(query);
    if (uid == null) {
      Documents.send(res, Documents.success(null), found.map(Documents::experiment));
      return;
    }
    Optional<Experiment> one = found.findFirst();
    if (one.isEmpty()) {
      throw unfound(uid, known);
    }
    Documents.send(res, Documents.success(Documents.experiment(one.get())));
  }

  private static FaultException unfound(String uid, Optional<Experiment> known) {
    String why =
        known
            .map(record -> "is " + record.status().text() + ", and not what else is asked for")
            .orElse("there is no such experiment");
    return new FaultException(Reason.UNKNOWN_UID, uid + ": " + why);
  }

  private void preparations(Parameters parameters, @Nullable String uid, ServerResponse res) {
    for (String name : List.of("action", "flag", "flag-filter", "label")) {
      if (parameters.text(name) != null) {
        throw FaultException.illegal(name, "only goes with type create or destroy");
      }
    }
    String program = parameters.text("target");
    Limit limit = Limit.of(parameters);
    PreparationStatus state = preparationState(parameters.text("status"));
    if (uid != null) {
      Preparation found =
          PreparationRoutes.found(backend.get().preparations(), Parameters.checkedUid(uid));
      if (state != null && state != found.status()) {
        throw new FaultException(
            Reason.UNKNOWN_UID, "%s: is %s".formatted(uid, found.status().text()));
      }
      Documents.send(res, Documents.success(PreparationDocuments.preparation(found)));
      return;
    }
    List<Preparation> found =
        backend
            .get()
            .preparations()
            .list(
                new PreparationQuery(
                    "java".equals(program) ? "jvm" : program,
                    state,
                    limit.offset(),
                    limit.count(),
                    parameters.flag("asc")));
    Documents.send(res, Documents.success(PreparationDocuments.preparations(found)));
  }

  private static @Nullable PreparationStatus preparationState(@Nullable String text) {
    return text == null
        ? null
        : Arrays.stream(PreparationStatus.values())
            .filter(status -> status.text().equalsIgnoreCase(text))
            .findFirst()
            .orElseThrow(() ->
                FaultException.illegal("status", "must be Created, Running, Error or Revoked"));
  }

  private Query query(Parameters parameters, @Nullable String uid) {
    Limit limit = Limit.of(parameters);
    String target = canonicalTarget(parameters.text("target"));
    return new Query(
        uid,
        target,
        canonicalActions(target, parameters.text("action")),
        flag(parameters),
        state(parameters.text("status")),
        parameters.labels(),
        limit.offset(),
        limit.count(),
        parameters.flag("asc"));
  }

  /** Whether preparations are meant; both words of each mean all, and status tells them apart. */
  private static boolean prepared(@Nullable String type) {
    return switch (type == null ? "c" : type.toLowerCase(Locale.ROOT)) {
      case "c", "create", "d", "destroy" -> false;
      case "p", "prepare", "r", "revoke" -> true;
      default -> throw FaultException.illegal("type", "must be create, destroy, prepare or revoke");
    };
  }

  private static @Nullable String flag(Parameters parameters) {
    String flag = parameters.text("flag");
    String filter = parameters.text("flag-filter");
    if (flag != null && filter != null && !flag.equals(filter)) {
      throw FaultException.illegal("flag-filter", "is another name of flag; give one of them");
    }
    return flag == null ? filter : flag;
  }

  private static @Nullable Status state(@Nullable String text) {
    return text == null
        ? null
        : Arrays.stream(Status.values())
            .filter(status -> status.text().equalsIgnoreCase(text))
            .findFirst()
            .orElseThrow(() ->
                FaultException.illegal("status", "must be Created, Success, Error or Destroyed"));
  }

  /** Records have canonical names; a name that no spec knows may still be in an old record. */
  private @Nullable String canonicalTarget(@Nullable String name) {
    return name == null
        ? null
        : backend.get().actions().get().stream()
            .map(ActionView::spec)
            .filter(spec -> spec.target().equals(name) || spec.targetAliases().contains(name))
            .map(spec -> spec.target())
            .findFirst()
            .orElse(name);
  }

  /** A name stands for several actions where no target tells which is meant. */
  private @Nullable Set<String> canonicalActions(@Nullable String target, @Nullable String name) {
    if (name == null) {
      return null;
    }
    Set<String> meant =
        backend.get().actions().get().stream()
            .map(ActionView::spec)
            .filter(spec -> target == null || spec.target().equals(target))
            .filter(spec -> spec.action().equals(name) || spec.aliases().contains(name))
            .map(spec -> spec.action())
            .collect(Collectors.toSet());
    return meant.isEmpty() ? Set.of(name) : meant;
  }

  /** A part of a list. */
  private record Limit(int offset, int count) {
    static Limit of(Parameters parameters) {
      String limit = parameters.text("limit");
      Matcher match = LIMIT.matcher(limit == null ? Integer.toString(USUAL) : limit);
      int count = match.matches() ? Integer.parseInt(match.group(2)) : 0;
      if (count < 1 || count > LARGEST) {
        throw FaultException.illegal("limit", "must be N or OFFSET,N with N from 1 to " + LARGEST);
      }
      return new Limit(match.group(1) == null ? 0 : Integer.parseInt(match.group(1)), count);
    }
  }
}
