package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Reason;
import io.faultd.linux.Mark;
import io.faultd.rollback.Sweep;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A step that cannot be undone now keeps those in place that it needs for later. */
@Requires("root")
class DependentStepsTest {
  @TempDir private Path temporary;
  private Node node;
  private Path folder;
  private Path file;

  @BeforeEach
  void start() throws IOException {
    node = Node.on(temporary.resolve("data")).start();
    folder = Files.createDirectories(temporary.resolve("work"));
    file = Files.writeString(folder.resolve("file"), "original");
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private void move() {
    node.succeed(
        Node.order(
            "moved",
            "file",
            "move",
            Map.of(
                "filepath", file.toString(),
                "target", folder.resolve("new/deep").toString(),
                "auto-create-dir", "true")));
  }

  private void delete() {
    node.succeed(Node.order("deleted", "file", "delete", Map.of("filepath", file.toString())));
  }

  private List<String> names() throws IOException {
    try (var names = Files.list(folder)) {
      return names.map(name -> name.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void foldersThatWereMadeStayForWhatIsStillInThemAndGoWithIt() throws Exception {
    move();
    Files.writeString(file, "of others");
    Experiment stuck = node.destroy("moved");
    assertEquals(Reason.RESIDUE, stuck.failure());
    assertEquals(3, stuck.residue().size(), stuck.residue()::toString);
    String first = stuck.residue().getFirst().error();
    assertTrue(first.contains("something new has this name"), first);
    assertEquals("original", Files.readString(folder.resolve("new/deep/file")));

    Files.delete(file);
    node.destroy("moved");
    Experiment over = node.await("moved", Status.DESTROYED);
    assertEquals(List.of(), over.residue());
    assertEquals(List.of(), over.warnings());
    assertEquals("original", Files.readString(file));
    assertEquals(List.of("file"), names());
  }

  @Test
  void aNoteStaysAsLongAsWhatItIsAbout() throws Exception {
    delete();
    Files.writeString(file, "of others");
    assertEquals(Reason.RESIDUE, node.destroy("deleted").failure());
    node.close();

    Files.delete(file);
    Sweep.Swept swept = Sweep.over(new Sweep.Scope("deleted", Set.of(folder)));
    assertEquals(List.of(file.toString()), swept.undone());
    assertEquals(List.of(), swept.unsure());
    assertEquals("original", Files.readString(file));
    assertEquals(List.of("file"), names());
  }

  @Test
  void theSameAfterANewStart() throws Exception {
    move();
    Files.writeString(file, "of others");
    node.close();
    node = Node.on(temporary.resolve("data")).start();
    assertEquals(3, node.get("moved").residue().size());
    Files.delete(file);
    node.await("moved", Status.DESTROYED);
    assertEquals(List.of("file"), names());
  }

  @Test
  void forceTakesBackAllThatNeedsNobodyAnyMore() throws Exception {
    move();
    Files.writeString(file, "of others");
    Experiment forced = node.engine.destroy("moved", true).experiment();
    assertEquals(Status.DESTROYED, forced.status());
    List<String> names = names();
    assertFalse(names.contains("new"), names::toString);
    assertEquals(2, names.size(), names::toString);
    assertTrue(names.stream().noneMatch(name -> Mark.of(name).isPresent()), names::toString);
    eventually("all is over", () -> node.store.unfinished().findAny().isEmpty());
  }
}
