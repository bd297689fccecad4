package io.faultd.bench;

import com.google.protobuf.Timestamp;
import io.faultd.v1.CreateExperimentRequest;
import io.faultd.v1.CreateExperimentResponse;
import io.faultd.v1.DestroyExperimentRequest;
import io.faultd.v1.DestroyExperimentResponse;
import io.faultd.v1.ExperimentRecord;
import io.faultd.v1.ExperimentServiceGrpc;
import io.faultd.v1.FaultdProto;
import io.faultd.v1.GetExperimentRequest;
import io.faultd.v1.GetExperimentResponse;
import io.grpc.stub.StreamObserver;
import io.helidon.common.socket.SocketOptions;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.dbclient.DbClient;
import io.helidon.dbclient.DbExecute;
import io.helidon.dbclient.DbTransaction;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.grpc.GrpcRouting;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import jakarta.json.JsonObject;
import jakarta.json.spi.JsonProvider;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * The least that a server on the same stack has to do, to be measured beside the daemon: takes the
 * same orders over HTTP and gRPC, writes a record of each with the same durability, and breaks
 * nothing.
 */
public final class Minimal {
  private static final JsonProvider JSON = JsonProvider.provider();
  private static final String PATH = "/api/v1/experiments";

  private final DbClient client;
  private final ReentrantLock writer = new ReentrantLock(true);

  private Minimal(Path database) {
    String url =
        "jdbc:sqlite:%s?journal_mode=WAL&synchronous=FULL&busy_timeout=2000".formatted(database)
            + "&transaction_mode=IMMEDIATE&jdbc.get_generated_keys=false";
    client =
        DbClient.create(
            Config.just(ConfigSources.create(Map.of("source", "jdbc", "connection.url", url))));
    client
        .execute()
        .dml(
            "CREATE TABLE experiment(id INTEGER PRIMARY KEY AUTOINCREMENT,"
                + " uid TEXT NOT NULL UNIQUE, status TEXT NOT NULL, body TEXT NOT NULL)");
  }

  /**
   * Serves until it is killed.
   *
   * @param args as the daemon's: {@code --data-dir DIR --http HOST:PORT --grpc HOST:PORT}
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    Files.createDirectories(folder);
    System.setProperty("org.sqlite.tmpdir", folder.toString());
    Minimal minimal = new Minimal(folder.resolve("faultd.db"));
    SocketOptions quick = SocketOptions.builder().tcpNoDelay(true).build();
    WebServer.builder()
        .host("127.0.0.1")
        .port(port(args[3]))
        .connectionOptions(quick)
        .routing(minimal::routing)
        .putSocket(
            "grpc",
            ListenerConfig.builder()
                .name("grpc")
                .host("127.0.0.1")
                .port(port(args[5]))
                .connectionOptions(quick)
                .addRouting(
                    GrpcRouting.builder()
                        .service(FaultdProto.getDescriptor(), minimal.new Service()))
                .buildPrototype())
        .build()
        .start();
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  private void routing(HttpRouting.Builder routing) {
    routing
        .get("/health/ready", (req, res) -> res.send("ready"))
        .post(PATH, this::create)
        .get(PATH + "/{uid}", this::read)
        .delete(PATH + "/{uid}", this::destroy);
  }

  private void create(ServerRequest req, ServerResponse res) {
    JsonObject order;
    try (var reader = JSON.createReader(new StringReader(req.content().as(String.class)))) {
      order = reader.readObject();
    }
    JsonObject record =
        JSON.createObjectBuilder(order)
            .add("status", "Success")
            .add("createTime", Instant.now().toString())
            .build();
    String uid = add(record.toString());
    res.header(HeaderNames.LOCATION, PATH + "/" + uid).status(Status.CREATED_201);
    send(
        res,
        JSON.createObjectBuilder()
            .add("response", JSON.createObjectBuilder().add("code", 200).add("result", uid))
            .add("record", record)
            .build());
  }

  private void read(ServerRequest req, ServerResponse res) {
    String body = find(req.path().pathParameters().get("uid"));
    try (var reader = JSON.createReader(new StringReader(body))) {
      send(res, reader.readObject());
    }
  }

  private void destroy(ServerRequest req, ServerResponse res) {
    String uid = req.path().pathParameters().get("uid");
    end(uid);
    send(res, JSON.createObjectBuilder().add("code", 200).add("result", uid).build());
  }

  private static void send(ServerResponse res, JsonObject document) {
    res.header(HeaderNames.CONTENT_TYPE, "application/json");
    res.send(document.toString().getBytes(StandardCharsets.UTF_8));
  }

  private String add(String body) {
    String uid = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    write(tx ->
        tx.createInsert("INSERT INTO experiment(uid, status, body) VALUES(:uid, 'SUCCESS', :body)")
            .addParam("uid", uid)
            .addParam("body", body)
            .execute());
    return uid;
  }

  private void end(String uid) {
    write(tx ->
        tx.createUpdate("UPDATE experiment SET status = 'DESTROYED' WHERE uid = :uid")
            .addParam("uid", uid)
            .execute());
  }

  private String find(String uid) {
    return client
        .execute()
        .createGet("SELECT body FROM experiment WHERE uid = :uid")
        .addParam("uid", uid)
        .execute()
        .orElseThrow()
        .column("body")
        .get(String.class);
  }

  private void write(Function<DbExecute, Long> work) {
    writer.lock();
    try {
      DbTransaction tx = client.transaction();
      long rows = work.apply(tx);
      if (rows != 1) {
        throw new IllegalStateException(rows + " rows");
      }
      tx.commit();
    } finally {
      writer.unlock();
    }
  }

  /** The same over gRPC. */
  private final class Service extends ExperimentServiceGrpc.ExperimentServiceImplBase {
    @Override
    public void createExperiment(
        CreateExperimentRequest request, StreamObserver<CreateExperimentResponse> answer) {
      JsonObject record =
          JSON.createObjectBuilder()
              .add("target", request.getTarget())
              .add("action", request.getAction())
              .add("flags", JSON.createObjectBuilder(Map.copyOf(request.getFlagsMap())))
              .add("createTime", Instant.now().toString())
              .build();
      String uid = add(record.toString());
      answer.onNext(
          CreateExperimentResponse.newBuilder()
              .setUid(uid)
              .setSuccess(true)
              .setRecord(
                  ExperimentRecord.newBuilder()
                      .setUid(uid)
                      .setTarget(request.getTarget())
                      .setAction(request.getAction())
                      .putAllFlags(request.getFlagsMap())
                      .setCreateTime(Timestamp.newBuilder().setSeconds(1)))
              .build());
      answer.onCompleted();
    }

    @Override
    public void getExperiment(
        GetExperimentRequest request, StreamObserver<GetExperimentResponse> answer) {
      try (var reader = JSON.createReader(new StringReader(find(request.getUid())))) {
        JsonObject record = reader.readObject();
        answer.onNext(
            GetExperimentResponse.newBuilder()
                .setRecord(
                    ExperimentRecord.newBuilder()
                        .setUid(request.getUid())
                        .setTarget(record.getString("target"))
                        .setAction(record.getString("action")))
                .build());
      }
      answer.onCompleted();
    }

    @Override
    public void destroyExperiment(
        DestroyExperimentRequest request, StreamObserver<DestroyExperimentResponse> answer) {
      end(request.getUid());
      answer.onNext(DestroyExperimentResponse.newBuilder().setUid(request.getUid()).build());
      answer.onCompleted();
    }
  }
}
