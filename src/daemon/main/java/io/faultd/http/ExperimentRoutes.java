package io.faultd.http;

import io.faultd.experiment.Created;
import io.faultd.experiment.Destroyed;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Order;
import io.faultd.experiment.Permit;
import io.faultd.experiment.Status;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpMediaType;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import jakarta.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Create, destroy and look at experiments. */
final class ExperimentRoutes {
  static final String PATH = Route.API + "/experiments";

  static final HeaderName KEY = HeaderNames.create("Idempotency-Key");
  static final HeaderName TOKEN = HeaderNames.create("X-Idempotency-Token");
  private static final Duration SETTLE = Duration.ofSeconds(30);
  private static final List<String> WHAT = List.of("scope", "target", "action", "flags");
  private static final List<String> KEYS =
      List.of("scope", "target", "action", "flags", "uid", "description", "labels", "dryRun");

  private final Supplier<Experiments> experiments;

  ExperimentRoutes(Supplier<Experiments> experiments) {
    this.experiments = experiments;
  }

  List<Route> routes() {
    Events events = new Events(experiments);
    return List.of(
        new Route(Method.POST, PATH, Set.of("wait", "waitTimeout"), this::create),
        new Route(Method.DELETE, PATH, Set.of("label"), this::destroyAll),
        new Route(Method.GET, PATH + "/{uid}", Set.of(), this::get),
        new Route(Method.DELETE, PATH + "/{uid}", Set.of("force"), this::destroy),
        new Route(Method.GET, PATH + "/{uid}/events", Set.of(), events));
  }

  private void create(ServerRequest req, ServerResponse res) {
    Duration settle = settle(new Parameters(req));
    Fields fields = fields(Body.of(req));
    String uid = fields.text("uid");
    Order order =
        order(uid == null ? null : Parameters.checkedUid(uid), fields).by(Callers.permit(req));
    if (fields.flag("dryRun")) {
      Documents.send(res, Documents.plan(experiments.get().plan(order)));
      return;
    }
    // a client that goes away changes nothing: another one may already rely on the uid
    Created created =
        experiments.get().create(order, new Experiments.Waiting(key(req), () -> false, settle));
    Experiment experiment = created.experiment();
    if (created.failure() != null) {
      res.status(Errors.status(created.failure().reason()));
      Documents.send(res, Documents.failure(created.failure(), Documents.text(experiment.uid())));
      return;
    }
    res.header(HeaderNames.LOCATION, PATH + "/" + experiment.uid());
    res.status(
        switch (created.kind()) {
          case NEW -> io.helidon.http.Status.CREATED_201;
          case EXISTING -> io.helidon.http.Status.OK_200;
          case ACCEPTED -> io.helidon.http.Status.ACCEPTED_202;
        });
    if (wantsText(req)) {
      res.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=UTF-8");
      res.send(experiment.uid().getBytes(StandardCharsets.UTF_8));
    } else {
      Documents.send(
          res,
          Documents.withRecord(Documents.success(Documents.text(experiment.uid())), experiment));
    }
  }

  private static Fields fields(Body body) {
    Fields fields = body.object();
    fields.only(KEYS);
    return fields;
  }

  /** What an order does before and after its work. */
  static void rehearse(Body body, Experiment experiment) {
    Order order = order(experiment.uid(), fields(body));
    var unused =
        Documents.withRecord(Documents.success(Documents.text(order.action())), experiment)
            .toString();
  }

  private void get(ServerRequest req, ServerResponse res) {
    Documents.send(res, Documents.experiment(found(experiments.get(), Parameters.uid(req))));
  }

  private void destroy(ServerRequest req, ServerResponse res) {
    String uid = Parameters.uid(req);
    boolean force = new Parameters(req).flag("force");
    Order lost =
        Body.of(req).empty() ? null : lost(uid, Body.of(req).object(), Callers.permit(req));
    Destroyed destroyed;
    try {
      destroyed = experiments.get().destroy(uid, force, Callers.permit(req));
    } catch (FaultException e) {
      if (e.reason() != Reason.UNKNOWN_UID || lost == null) {
        throw e;
      }
      Documents.send(res, Documents.success(Documents.swept(experiments.get().sweep(uid, lost))));
      return;
    }
    var result = Documents.outcome(destroyed, false);
    if (left(destroyed)) {
      FaultException residue = Documents.residue(uid);
      res.status(Errors.status(residue.reason()));
      Documents.send(res, Documents.failure(residue, result));
    } else if (destroyed.finished()) {
      Documents.send(res, Documents.success(result));
    } else {
      res.status(io.helidon.http.Status.ACCEPTED_202);
      Documents.send(res, Documents.withRecord(Documents.success(result), destroyed.experiment()));
    }
  }

  private void destroyAll(ServerRequest req, ServerResponse res) {
    if (!Body.of(req).empty()) {
      throw new FaultException(
          Reason.BAD_REQUEST,
          "this destroys all experiments and takes no body; for one, put its uid into the path");
    }
    List<Destroyed> all =
        experiments.get().destroyAll(new Parameters(req).labels(), Callers.permit(req));
    Stream<JsonObject> results = all.stream().map(one -> Documents.outcome(one, true));
    List<String> left =
        all.stream()
            .filter(ExperimentRoutes::left)
            .map(destroyed -> destroyed.experiment().uid())
            .toList();
    if (!left.isEmpty()) {
      FaultException residue = Documents.residue(String.join(", ", left));
      res.status(Errors.status(residue.reason()));
      Documents.send(res, Documents.failure(residue, null), results);
      return;
    }
    boolean finished = all.stream().allMatch(Destroyed::finished);
    res.status(finished ? io.helidon.http.Status.OK_200 : io.helidon.http.Status.ACCEPTED_202);
    Documents.send(res, Documents.success(null), results);
  }

  /** The record, or UNKNOWN_UID. */
  static Experiment found(Experiments experiments, String uid) {
    return experiments
        .get(uid)
        .orElseThrow(
            () -> new FaultException(Reason.UNKNOWN_UID, uid + ": there is no such experiment"));
  }

  private static boolean left(Destroyed destroyed) {
    return destroyed.experiment().status() != Status.DESTROYED
        && !destroyed.experiment().residue().isEmpty();
  }

  private static Order lost(String uid, Fields fields, Permit permit) {
    fields.only(WHAT);
    return order(uid, fields).by(permit);
  }

  private static Order order(@Nullable String uid, Fields fields) {
    String scope = fields.text("scope");
    String description = fields.text("description");
    return new Order(
        uid,
        scope == null ? "" : scope,
        fields.needed("target"),
        fields.needed("action"),
        fields.scalars("flags"),
        description == null ? "" : description,
        fields.scalars("labels"));
  }

  private static @Nullable Duration settle(Parameters query) {
    String wait = query.text("wait");
    Duration timeout = query.duration("waitTimeout");
    if (wait == null && timeout != null) {
      throw FaultException.illegal("waitTimeout", "only goes with wait=settled");
    }
    if (wait != null && !wait.equals("settled")) {
      throw FaultException.illegal("wait", "must be settled");
    }
    return wait == null ? null : timeout == null ? SETTLE : timeout;
  }

  private static @Nullable String key(ServerRequest req) {
    String key = req.headers().first(KEY).orElse(null);
    String token = req.headers().first(TOKEN).orElse(null);
    if (key != null && token != null && !key.equals(token)) {
      throw FaultException.illegal(
          KEY.defaultCase(), "differs from " + TOKEN.defaultCase() + "; send one of them");
    }
    String one = key == null ? token : key;
    if (one != null) {
      Experiments.Waiting.checkKey((key == null ? TOKEN : KEY).defaultCase(), one);
    }
    return one;
  }

  /** Whether the client asked for text, and for JSON less or not at all. */
  private static boolean wantsText(ServerRequest req) {
    for (HttpMediaType type : req.headers().acceptedTypes()) {
      boolean text = type.mediaType().text().equals(MediaTypes.TEXT_PLAIN.text());
      if (text || type.test(MediaTypes.APPLICATION_JSON)) {
        return text;
      }
    }
    return false;
  }
}
