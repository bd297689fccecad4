package io.faultd.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A record that another program, or somebody's hand, has made unreadable hinders no other. */
@Requires("root")
class UnreadableRecordTest {
  private static final Query ALL = new Query(null, null, null, null, null, Map.of(), 0, 10, true);

  @TempDir private Path folder;
  private Node node;
  private Path lost;
  private Path fine;

  @BeforeEach
  void inPlace() throws IOException {
    node = Node.on(folder.resolve("data")).start();
    lost = file("lost-file");
    fine = file("fine-file");
    node.succeed(Node.chmod("lost", lost, "timeout", "1h"));
    node.succeed(Node.chmod("fine", fine));
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private Path file(String name) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "x");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  /** What a death leaves, with something else for the record; {@code BODY} is as it was. */
  private Path damaged(String body) throws Exception {
    Path copy = node.snapshot(folder.resolve("copy"));
    String was = body(copy);
    sql(copy, "UPDATE experiment SET body = ? WHERE uid = 'lost'", edited(was, body));
    sql(copy, "UPDATE change SET body = ? WHERE uid = 'lost'", edited(was, body));
    return copy;
  }

  private static String edited(String was, String body) {
    String[] edit = body.split(" => ", -1);
    return edit.length == 2 ? was.replaceFirst(edit[0], edit[1]) : body;
  }

  private static void sql(Path data, String statement, String body) throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("faultd.db"));
        var prepared = connection.prepareStatement(statement)) {
      prepared.setString(1, body);
      assertTrue(prepared.executeUpdate() > 0);
    }
  }

  private static String body(Path data) throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("faultd.db"));
        var statement = connection.createStatement();
        var found = statement.executeQuery("SELECT body FROM experiment WHERE uid = 'lost'")) {
      return found.getString(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "neither this nor that",
        "[]",
        "{}",
        "{\"uid\": \"lost\"}",
        "\"uid\":\"lost\" => \"uid\":\"fine\"",
        "\"uid\":\"lost\" => \"uid\":7",
        "\"SUCCESS\" => \"SPLENDID\"",
        "\"created\":\"[^\"]*\" => \"created\":\"yesterday\"",
        "\"code\":200 => \"code\":1e99",
        "\"effect\":[{][^}]*[}] => \"effect\":{}",
      })
  void hindersNeitherTheStartNorTheUndoOfOthers(String body) throws Exception {
    Path copy = damaged(body);
    String damaged = body(copy);
    for (int i = 0; i < 2; i++) {
      try (Node next = Node.on(copy).time(node.time).start()) {
        assertEquals(Status.DESTROYED, next.get("fine").status());
        assertEquals("rw-r-----", mode(fine));
        assertEquals("---------", mode(lost));
        assertEquals(0, next.engine.active());
      }
      assertEquals(damaged, body(copy));
    }
  }

  @Test
  void isShownAsWhatItIsAndHoldsItsClaims() throws Exception {
    try (Node next = Node.on(damaged("neither")).time(node.time).start()) {
      List<Experiment> listed = next.engine.list(ALL).toList();
      assertEquals(List.of("lost", "fine"), listed.stream().map(Experiment::uid).toList());
      Experiment shown = listed.getFirst();
      assertEquals(shown, next.get("lost"));
      assertEquals(Status.ERROR, shown.status());
      assertEquals("file chmod", shown.target() + " " + shown.action());
      assertTrue(shown.error().contains("cannot be read"), shown.error());
      assertEquals(1, shown.residue().size());
      Experiment unended =
          next.engine.unended().stream()
              .filter(each -> each.uid().equals("lost"))
              .findFirst()
              .orElseThrow();
      assertEquals(shown, unended.numbered(shown.seq()));
      assertTrue(unended.seq() > 0, "who watches goes on behind it");
      Query labelled = new Query(null, null, null, null, null, Map.of("a", "b"), 0, 10, true);
      assertEquals(List.of(), next.engine.list(labelled).toList());
      assertTrue(
          next.engine.changes(null, 0, 100, Duration.ZERO).stream()
              .anyMatch(change -> change.experiment().uid().equals("lost")));
      FaultException clash = next.create(Node.chmod(null, lost)).failure();
      assertEquals(Reason.CONFLICT, clash.reason());
      assertTrue(clash.getMessage().contains("lost"), clash.getMessage());
      assertEquals(
          Reason.CONFLICT,
          assertThrows(FaultException.class, () -> next.create(Node.chmod("lost", fine))).reason());
    }
  }

  @Test
  void isForThoseAloneWhoMayTouchEverything() throws Exception {
    Actor ci = new Actor("ci", "10.0.0.1:1");
    try (Node next = Node.on(damaged("neither")).time(node.time).start()) {
      for (Permit bounded :
          List.of(
              new Permit(ci, Set.of("host"), Set.of(), false),
              new Permit(ci, Set.of("cri"), Set.of(), true),
              new Permit(ci, Set.of(), Set.of("file"), true),
              new Permit(ci, Set.of(), Set.of("cpu"), true))) {
        for (boolean force : new boolean[] {true, false}) {
          FaultException refusal =
              assertThrows(FaultException.class, () -> next.engine.destroy("lost", force, bounded));
          assertEquals(Reason.FORBIDDEN, refusal.reason());
          assertEquals(0, next.engine.active());
          assertEquals("---------", mode(lost));
        }
      }
      Permit all = new Permit(ci, Set.of(), Set.of(), false);
      assertEquals(Status.DESTROYED, next.engine.destroy("lost", true, all).experiment().status());
      assertEquals("rw-r-----", mode(lost));
    }
  }

  @Test
  void isUndoneStepByStepWhenSomebodyForcesItsEnd() throws Exception {
    Path copy = damaged("neither");
    try (Node next = Node.on(copy).time(node.time).start()) {
      Destroyed refused = next.engine.destroy("lost", false);
      assertEquals(Status.ERROR, refused.experiment().status());
      assertEquals(1, refused.experiment().residue().size());
      assertEquals("---------", mode(lost));
      Destroyed left = next.engine.destroyAll(Map.of()).getFirst();
      assertEquals("lost", left.experiment().uid());
      assertEquals(1, left.experiment().residue().size());
      assertEquals(0, next.engine.destroyAll(Map.of("team", "shop")).size());
      Destroyed forced = next.engine.destroy("lost", true);
      assertEquals(Status.DESTROYED, forced.experiment().status());
      assertTrue(forced.experiment().warnings().getFirst().contains("cannot be read"));
      assertEquals("rw-r-----", mode(lost));
      assertEquals(List.of(), next.engine.unended());
      next.destroy(next.succeed(Node.chmod(null, lost)));
      assertEquals(Status.DESTROYED, next.destroy("lost").status());
    }
    try (Node again = Node.on(copy).time(node.time).start()) {
      assertEquals(Status.DESTROYED, again.get("lost").status());
    }
  }
}
