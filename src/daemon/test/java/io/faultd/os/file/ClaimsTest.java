package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Which faults can be on overlapping things at once: those that leave in any order. */
@Requires("root")
class ClaimsTest extends FileTest {
  private FileTrial injected(FileTrial.Order order) throws IOException {
    FileTrial trial = matrix.trial("claims");
    order.inject(trial);
    return trial;
  }

  private static boolean clash(FileTrial one, FileTrial other) {
    return one.claims.stream()
        .anyMatch(a ->
            other.claims.stream()
                .anyMatch(b -> a.key().equals(b.key()) && (a.exclusive() || b.exclusive())));
  }

  private static FileTrial.Order chmod(Path path, int mode) {
    return on -> new FileChmod().inject(new FileChmod.Params(path.toString(), mode), on);
  }

  private static FileTrial.Order append(Path path) {
    return on ->
        new FileAppend()
            .inject(new FileAppend.Params(path.toString(), "x", 1, null, false, false, null), on);
  }

  private static FileTrial.Order add(Path path, boolean directory) {
    return on ->
        new FileAdd().inject(new FileAdd.Params(path.toString(), directory, null, false, true), on);
  }

  @Test
  void whatAnotherMadeIsHis() throws IOException {
    Path made = folder.resolve("made/deep");
    FileTrial maker = injected(add(made, true));
    assertEquals(true, clash(maker, injected(add(made.resolve("file"), false))));
    assertEquals(true, clash(maker, injected(chmod(made, 0700))));
    Path file = folder.resolve("file");
    FileTrial other = injected(add(file, false));
    assertEquals(true, clash(other, injected(append(file))));
    assertEquals(false, clash(other, maker));
  }

  @Test
  void modeAndContentAreSeparate() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    Path hard = Files.createLink(folder.resolve("hard"), file);
    FileTrial first = injected(append(file));
    assertEquals(false, clash(first, injected(append(hard))));
    FileTrial mode = injected(chmod(file, 0700));
    assertEquals(false, clash(first, mode));
    assertEquals(true, clash(mode, injected(chmod(hard, 0701))));
  }

  @Test
  void aFolderIsTakenAwayWithAllThatIsInIt() throws IOException {
    Path tree = Files.createDirectories(folder.resolve("tree/deep"));
    Path file = Files.writeString(tree.resolve("file"), "x");
    FileTrial inside = injected(chmod(file, 0700));
    FileTrial taker =
        injected(on ->
            new FileDelete().inject(new FileDelete.Params(tree.getParent().toString(), false), on));
    assertEquals(true, clash(inside, taker));
  }
}
