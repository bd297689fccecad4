package io.faultd.client;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.client.Node.Result;
import io.faultd.testing.Certificates;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.Victim;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against a daemon, a process of its own: effects, answers, exit codes. */
@Requires("root")
class ClientTest {
  @TempDir static Path folder;
  private static Node node;

  @BeforeAll
  static void start() throws Exception {
    node = new Node(folder).start();
  }

  @AfterAll
  static void end() throws Exception {
    node.close();
  }

  @Test
  void createsWatchesLooksAndDestroys() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      String pid = "--pid=" + victim.pid();
      Result plan = node.faultd("create", "process", "stop", pid, "--dry-run");
      assertEquals(0, plan.code(), plan.err());
      assertTrue(plan.out().contains("undo      exact"), plan.out());
      assertTrue(victim.runs());

      Result created = node.faultd("create", "process", "f", pid, "--uid=one", "--label=a=b=c");
      assertEquals(new Result(0, "one\n", ""), created);
      assertEquals('T', victim.state());
      Result refused = node.faultd("create", "process", "stop", pid, "-o", "json");
      assertEquals(1, refused.code(), refused.err());
      assertTrue(refused.err().contains("claimed by experiment one"), refused.err());
      assertEquals("CONFLICT", json(refused).getString("reason"));

      Result list = node.faultd("status", "--label=a=b=c", "--target=process");
      assertTrue(list.out().contains("one  Success  process stop  settled"), list.out());
      Result one = node.faultd("status", "one");
      assertTrue(one.out().contains("flags        --pid=" + victim.pid()), one.out());

      Process watch = node.client("watch", "one").redirectErrorStream(true).start();
      assertTrue(watch.inputReader().readLine().endsWith("Success, settled"));
      assertEquals(new Result(0, "one\n", ""), node.faultd("destroy", "one"));
      assertTrue(watch.inputReader().readLine().endsWith("Destroyed"));
      assertEquals(0, watch.waitFor());
      assertTrue(victim.runs());
    }
  }

  @Test
  void aUidThatHasEndedBreaksNothingAgainAndThatIsNoSuccess() throws Exception {
    Path file = Files.writeString(folder.resolve("mode"), "x");
    String before = mode(file);
    String[] create = {
      "create", "file", "chmod", "--filepath=" + file, "--mark=000", "--uid=demo", "--wait"
    };
    assertEquals(new Result(0, "demo\n", ""), node.faultd(create));
    assertEquals(new Result(0, "demo\n", ""), node.faultd(create), "it is in place");
    assertEquals("---------", mode(file));
    assertEquals(0, node.faultd("destroy", "demo").code());
    Result again = node.faultd(create);
    assertEquals(1, again.code(), again.err());
    assertEquals("faultd: experiment demo has ended; take another uid\n", again.err());
    assertEquals("", again.out());
    assertEquals(before, mode(file));
  }

  @Test
  void destroysAllOfALabelAndTellsEach() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag());
        Victim other = Victim.sleeping(Victim.tag())) {
      node.faultd("create", "process", "stop", "--pid=" + victim.pid(), "--label=game=day");
      node.faultd("create", "process", "stop", "--pid=" + other.pid(), "--uid=other");
      Result some = node.faultd("destroy", "--label=game=day");
      assertEquals(0, some.code(), some.err());
      assertTrue(some.out().contains("Destroyed  process stop"), some.out());
      assertTrue(victim.runs());
      assertEquals('T', other.state());
      assertEquals(0, node.faultd("destroy", "--all").code());
      assertTrue(other.runs());
      Result unknown = node.faultd("destroy", "other", "nobodys", "-o", "json");
      assertEquals(1, unknown.code(), unknown.err());
      assertEquals(2, unknown.out().lines().count(), unknown.out());
    }
  }

  @Test
  void anEffectThatIsNotAsAskedIsNoEffect() throws Exception {
    String[] slow = {"cpu", "fullload", "--cpu-percent=100", "--climb-time=600"};
    Result created =
        node.faultd(
            "create",
            slow[0],
            slow[1],
            slow[2],
            slow[3],
            "--wait",
            "--wait-timeout=100ms",
            "--uid=slow");
    assertEquals(2, created.code(), created.err());
    assertTrue(created.err().contains("ramping"), created.err());
    assertEquals(0, node.faultd("destroy", "slow").code());
  }

  @Test
  void destroyOfWhatHasNoRecordTellsWhatMayBeLeft() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      String[] lost = {
        "destroy", "lost", "--target=process", "--action=stop", "--flag=pid=" + victim.pid()
      };
      Result nothing = node.faultd(lost);
      assertEquals(1, nothing.code(), nothing.err());
      victim.signal("STOP");
      eventually("it is stopped", () -> victim.state() == 'T');
      Result unsure = node.faultd(lost);
      assertEquals(3, unsure.code(), unsure.err());
      assertTrue(unsure.err().contains("not touched: "), unsure.err());
      assertEquals('T', victim.state());
    }
    assertEquals(1, node.faultd("destroy", "lost", "--target=process").code());
  }

  @Test
  void watchEndsWithWhatIsFinishedWhenItIsMade() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      node.faultd("create", "process", "kill", "--pid=" + victim.pid(), "--uid=killed");
      Result watched = node.faultd("watch", "killed");
      assertEquals(0, watched.code(), watched.err());
      assertEquals(1, watched.out().lines().count(), watched.out());
    }
  }

  @Test
  void overTlsTheDaemonMustHaveACertificateThatIsKnown() throws Exception {
    Certificates certificates = new Certificates(folder.resolve("certificates"));
    certificates.sign("daemon");
    String authority = certificates.certificate("ca", folder.resolve("ca.pem")).toString();
    try (Node secure =
        new Node(Files.createDirectory(folder.resolve("secure")))
            .with(
                "FAULTD_SERVER_TLS_CERTIFICATE",
                certificates.certificate("daemon", folder.resolve("daemon.pem")).toString())
            .with(
                "FAULTD_SERVER_TLS_KEY",
                certificates.key("daemon", folder.resolve("key.pem")).toString())
            .start()) {
      String server = "--server=https://127.0.0.1:" + secure.port();
      Result trusted = secure.faultd("actions", server, "--ca-file=" + authority);
      assertEquals(0, trusted.code(), trusted.err());
      assertEquals(0, secure.faultd(Map.of("FAULTD_CA_FILE", authority), "status", server).code());
      assertEquals(4, secure.faultd("status", server).code());
      Result none = secure.faultd("status", server, "--ca-file=" + folder.resolve("none.pem"));
      assertEquals(1, none.code());
      assertTrue(none.err().contains("--ca-file: cannot read"), none.err());
    }
  }

  @Test
  void overMutualTlsTheClientShowsItsCertificate() throws Exception {
    Certificates certificates = new Certificates(folder.resolve("mutual"));
    certificates.sign("daemon");
    certificates.sign("ci");
    Path own = Files.createDirectory(folder.resolve("strict"));
    String authority = certificates.certificate("ca", own.resolve("ca.pem")).toString();
    String certificate = certificates.certificate("ci", own.resolve("ci.pem")).toString();
    String key = certificates.key("ci", own.resolve("ci.key")).toString();
    Path daemon = certificates.certificate("daemon", own.resolve("daemon.pem"));
    try (Victim victim = Victim.sleeping(Victim.tag());
        Node strict =
            new Node(own)
                .with("FAULTD_SERVER_TLS_CERTIFICATE", daemon.toString())
                .with(
                    "FAULTD_SERVER_TLS_KEY",
                    certificates.key("daemon", own.resolve("daemon.key")).toString())
                .with("FAULTD_SERVER_TLS_CLIENT_CA", authority)
                .start()) {
      String server = "--server=https://127.0.0.1:" + strict.port();
      String pid = "--pid=" + victim.pid();
      String[] create = {"create", "process", "stop", pid, "--uid=mutual", server};
      Map<String, String> known = Map.of("FAULTD_CA_FILE", authority);
      Result stranger = strict.faultd(known, "destroy", "mutual", server);
      assertEquals(4, stranger.code(), stranger.err());
      assertTrue(stranger.err().contains("certificate_required"), stranger.err());
      assertEquals(4, strict.faultd(known, with(create, "--patience=1s")).code());
      assertTrue(victim.runs());
      Map<String, String> shown =
          Map.of(
              "FAULTD_CA_FILE", authority, "FAULTD_CERT_FILE", certificate, "FAULTD_KEY_FILE", key);
      assertEquals(new Result(0, "mutual\n", ""), strict.faultd(shown, create));
      assertEquals('T', victim.state());
      String cert = "--cert-file=" + certificate;
      Result destroyed =
          strict.faultd(known, "destroy", "mutual", server, cert, "--key-file=" + key);
      assertEquals(0, destroyed.code(), destroyed.err());
      assertTrue(victim.runs());
      Result half = strict.faultd(known, "status", server, cert);
      assertEquals(1, half.code());
      assertTrue(half.err().contains("--cert-file: only goes with --key-file"), half.err());
      Result none = strict.faultd(known, "status", server, cert, "--key-file=" + authority);
      assertEquals(1, none.code());
      assertTrue(none.err().contains("are no certificate and key"), none.err());
    }
  }

  @Test
  void watchTellsThatAFaultEndedByItself() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      node.faultd("create", "process", "stop", "--pid=" + victim.pid(), "--uid=gone");
      victim.signal("KILL");
      victim.ended();
      Result watched = node.faultd("watch", "gone", "-o", "json");
      assertEquals(2, watched.code(), watched.err());
      assertTrue(watched.out().contains("target-gone"), watched.out());
    }
  }

  @Test
  void whatCannotBePutBackIsResidueUntilItIsGivenUp() throws Exception {
    Path file = Files.writeString(folder.resolve("taken"), "ours");
    node.faultd("create", "file", "delete", "--filepath=" + file, "--uid=left");
    Files.writeString(file, "somebody else's");
    Result left = node.faultd("destroy", "left");
    assertEquals(3, left.code(), left.err());
    Result all = node.faultd("destroy", "--all");
    assertEquals(3, all.code(), all.err());
    assertTrue(all.out().contains("left  Error"), all.out());
    Result forced = node.faultd("destroy", "left", "--force");
    assertEquals(0, forced.code(), forced.err());
    assertEquals("somebody else's", Files.readString(file));
    assertEquals("ours", Files.readString(folder.resolve("taken.faultd-left")));
  }

  @Test
  void actionsAreThoseOfTheNode() throws Exception {
    Result list = node.faultd("actions", "process");
    assertEquals(0, list.code(), list.err());
    assertTrue(list.out().contains("process stop"), list.out());
    Result flags = node.faultd("actions", "cpu", "load");
    assertTrue(flags.out().contains("cpu-percent"), flags.out());
    Result none = node.faultd("actions", "cpux");
    assertEquals(1, none.code());
    assertTrue(none.err().contains("did you mean cpu?"), none.err());
  }

  @Test
  void preparesAndRevokes() throws Exception {
    try (TargetJvm jvm = TargetJvm.of(17)) {
      Result prepared = node.faultd("prepare", "jvm", "--pid=" + jvm.pid(), "--uid=shop");
      assertEquals(new Result(0, "shop\n", ""), prepared);
      Result status = node.faultd("status", "--type=prepare");
      assertTrue(status.out().contains("shop  Running  jvm"), status.out());
      assertEquals(0, node.faultd("revoke", "shop").code());
      assertEquals(1, node.faultd("revoke", "nobodys").code());
      assertEquals(1, node.faultd("prepare", "jvm").code());
    }
  }

  @Test
  void aTokenIsReadFromFileOrEnvironmentAndAWrongOneIsRefused(@TempDir Path own) throws Exception {
    try (Node guarded = new Node(own).with("FAULTD_TOKEN", "right").start()) {
      Path right = Files.writeString(own.resolve("right"), "right\n");
      Path wrong = Files.writeString(own.resolve("wrong"), "wrong\n");
      assertEquals(0, guarded.faultd("status", "--token-file=" + right).code());
      assertEquals(0, guarded.faultd(Map.of("FAULTD_TOKEN", "right"), "status").code());
      Map<String, String> named = Map.of("FAULTD_SECURITY_TOKEN_FILE", right.toString());
      assertEquals(0, guarded.faultd(named, "status").code());
      Result refused = guarded.faultd("status", "--token-file=" + wrong);
      assertEquals(1, refused.code());
      assertEquals("faultd: the token is not the right one\n", refused.err());
      String[] run = {"run", "cpu", "fullload", "--", "touch", own + "/ran"};
      Result none = guarded.run(guarded.client(run));
      assertEquals(121, none.code(), none.err());
      assertTrue(none.err().contains("nothing was broken"), none.err());
      assertTrue(Files.notExists(own.resolve("ran")));
    }
  }

  @Test
  void watchGoesOnAfterARestartOfTheDaemon(@TempDir Path own) throws Exception {
    try (Node mortal = new Node(own).start();
        Victim victim = Victim.sleeping(Victim.tag())) {
      mortal.faultd("create", "process", "stop", "--pid=" + victim.pid(), "--uid=cut");
      Process watch = mortal.client("watch", "cut").redirectErrorStream(true).start();
      assertTrue(watch.inputReader().readLine().endsWith("Success, settled"));
      mortal.kill();
      mortal.start();
      eventually("recovered", victim::runs);
      assertTrue(watch.inputReader().readLine().contains("Destroyed"));
      assertTrue(watch.waitFor(30, TimeUnit.SECONDS));
      assertEquals(0, watch.exitValue());
    }
  }

  private static String[] with(String[] words, String more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static JsonObject json(Result result) {
    return Json.createReader(new StringReader(result.out())).readObject();
  }
}
