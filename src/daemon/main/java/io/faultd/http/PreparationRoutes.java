package io.faultd.http;

import io.faultd.experiment.Permit;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.preparation.Preparation;
import io.faultd.preparation.PreparationOrder;
import io.faultd.preparation.Preparations;
import io.faultd.preparation.Prepared;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Prepare, revoke and look at preparations. */
final class PreparationRoutes {
  static final String PATH = Route.API + "/preparations";

  private static final List<String> KEYS =
      List.of("type", "process", "pid", "javaHome", "port", "uid", "refresh", "async");

  private final Supplier<Preparations> preparations;

  PreparationRoutes(Supplier<Preparations> preparations) {
    this.preparations = preparations;
  }

  List<Route> routes() {
    return List.of(
        new Route(Method.POST, PATH, Set.of(), this::create),
        new Route(Method.GET, PATH + "/{uid}", Set.of(), this::get),
        new Route(Method.DELETE, PATH + "/{uid}", Set.of(), this::revoke));
  }

  private void create(ServerRequest req, ServerResponse res) {
    for (HeaderName key : List.of(ExperimentRoutes.KEY, ExperimentRoutes.TOKEN)) {
      if (req.headers().contains(key)) {
        throw FaultException.illegal(
            key.defaultCase(), "is for experiments; a preparation with the same uid is made once");
      }
    }
    Prepared prepared =
        preparations.get().create(order(Body.of(req).object(), Callers.permit(req)));
    Preparation record = prepared.preparation();
    FaultException failure = prepared.failure();
    if (failure != null) {
      res.status(Errors.status(failure.reason()));
      Documents.send(res, Documents.failure(failure, Documents.text(record.uid())));
      return;
    }
    res.header(HeaderNames.LOCATION, PATH + "/" + record.uid());
    res.status(
        switch (prepared.kind()) {
          case NEW -> Status.CREATED_201;
          case EXISTING -> Status.OK_200;
          case ACCEPTED -> Status.ACCEPTED_202;
        });
    Documents.send(res, PreparationDocuments.withRecord(prepared));
  }

  private static PreparationOrder order(Fields fields, Permit permit) {
    fields.only(KEYS);
    String uid = fields.text("uid");
    return new PreparationOrder(
        uid == null ? null : Parameters.checkedUid(uid),
        fields.needed("type"),
        fields.text("process"),
        pid(fields.scalar("pid")),
        fields.text("javaHome"),
        fields.scalar("port"),
        fields.flag("refresh"),
        fields.flag("async"),
        permit);
  }

  private static @Nullable Integer pid(@Nullable String text) {
    try {
      return text == null || text.isEmpty() ? null : Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw FaultException.illegal("pid", "must be a whole number from 1 to 4194304");
    }
  }

  private void get(ServerRequest req, ServerResponse res) {
    String uid = Parameters.uid(req);
    Documents.send(res, PreparationDocuments.preparation(found(preparations.get(), uid)));
  }

  /** The record, or UNKNOWN_UID. */
  static Preparation found(Preparations preparations, String uid) {
    return preparations
        .get(uid)
        .orElseThrow(
            () -> new FaultException(Reason.UNKNOWN_UID, uid + ": there is no such preparation"));
  }

  private void revoke(ServerRequest req, ServerResponse res) {
    Preparation revoked = preparations.get().revoke(Parameters.uid(req), Callers.permit(req));
    Documents.send(res, Documents.success(PreparationDocuments.preparation(revoked)));
  }
}
