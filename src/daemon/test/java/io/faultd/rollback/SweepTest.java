package io.faultd.rollback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Fd;
import io.faultd.linux.Mark;
import io.faultd.linux.file.Note;
import io.faultd.linux.file.Open;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Requires("root")
class SweepTest {
  @TempDir private Path temporary;
  private Kernel.Mounted mounted;
  private Path work;

  @BeforeEach
  void mount() throws IOException {
    mounted = Kernel.tmpfs(Files.createDirectories(temporary.resolve("work")), "size=1m");
    work = mounted.point();
  }

  @AfterEach
  void unmount() throws IOException {
    mounted.close();
  }

  /** Hides what is called {@code name}, as a deletion does. */
  private static void hidden(Path folder, String name) throws IOException {
    String mark = new Mark("01234567", "lost", 1).toString();
    Files.writeString(Files.createDirectories(folder).resolve(mark), name);
    try (Fd fd = Open.folder(folder.toString())) {
      String note = new Mark("01234567", "lost", 2).toString();
      new Note(mark, name).leave(fd, note, folder.toString());
    }
  }

  private static Sweep.Swept over(Path... folders) {
    return Sweep.over(new Sweep.Scope("lost", Set.of(folders)));
  }

  @Test
  void looksInNoFolderBelowThoseThatAreNamed() throws IOException {
    hidden(work.resolve("named"), "near");
    hidden(work.resolve("named/below"), "far");
    Sweep.Swept swept = over(work, work.resolve("named"), work.resolve("nowhere"));
    assertEquals(List.of(work.resolve("named/near").toString()), swept.undone());
    assertEquals(List.of(), swept.unsure());
    assertTrue(Files.notExists(work.resolve("named/below/far")));
    assertEquals(1, over(work.resolve("named/below")).undone().size());
  }

  @Test
  void oneThatCannotBeGivenBackHindersNoOther() throws IOException {
    Path fixed = work.resolve("fixed");
    hidden(fixed, "one");
    hidden(work.resolve("free"), "two");
    Kernel.attributes(fixed, 0x10);
    Sweep.Swept swept;
    try {
      swept = over(fixed, work.resolve("free"));
    } finally {
      Kernel.attributes(fixed, 0);
    }
    assertEquals(List.of(work.resolve("free/two").toString()), swept.undone());
    assertEquals(1, swept.unsure().size(), swept.unsure()::toString);
    assertTrue(swept.unsure().getFirst().startsWith(fixed.toString()), swept.unsure()::toString);
    assertEquals(List.of(fixed.resolve("one").toString()), over(fixed).undone());
  }
}
