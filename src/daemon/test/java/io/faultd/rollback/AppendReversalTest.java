package io.faultd.rollback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.faultd.fault.Base;
import io.faultd.fault.Undo;
import io.faultd.linux.Fd;
import io.faultd.linux.file.Open;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Requires("root")
class AppendReversalTest {
  private static final String BEFORE = "before\n";
  private static final String OURS = "ours\n";
  @TempDir Path temporary;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Undo.BytesAppended step(Path file) throws IOException {
    return new Undo.BytesAppended(
        Fingerprint.identity(file),
        Base64.getEncoder().encodeToString(bytes(OURS)),
        BEFORE.length(),
        (long) BEFORE.length(),
        1L);
  }

  private static Company company(Undo.BytesAppended step) {
    return new Company(
        Optional.of(new Base.AppendedFile(step.file(), BEFORE.length(), 1L)), List.of());
  }

  private static Excision excision(Undo.BytesAppended step, String tail, long modified) {
    return new Excision(
        Scratch.who(step.file()),
        BEFORE.length(),
        bytes(OURS),
        tail.length(),
        new Excision.Leaving(modified, null));
  }

  private static Excision.Tail followed(String tail) {
    return (from, length) -> bytes(tail.substring((int) from, (int) from + length));
  }

  /** A death after each byte that was moved, before and after the cut, and what others add then. */
  @Test
  void finishesFromEveryPointOfAFormerRun() throws IOException {
    for (String tail : List.of("", "t\n", "a tail that is longer than ours\n")) {
      for (String added : List.of("", "+", "added later\n")) {
        for (int moved = 0; moved <= tail.length(); moved++) {
          finishes(tail, added, moved, false);
        }
        finishes(tail, added, tail.length(), true);
      }
    }
  }

  private void finishes(String tail, String added, int moved, boolean cut) throws IOException {
    Path file = temporary.resolve("file");
    String old = OURS + tail;
    String middle = cut ? tail : tail.substring(0, moved) + old.substring(moved);
    Files.writeString(file, BEFORE + middle + added);
    Undo.BytesAppended step = step(file);
    Scratch scratch = new Scratch(temporary, () -> false);
    scratch.keep(Scratch.name(step), excision(step, tail, 42_000_000_000L), followed(tail));
    assertEquals(new Outcome.Undone(), new Rollback(temporary).undo(step, company(step), false));
    assertEquals(BEFORE + tail + added, Files.readString(file));
    if (added.isEmpty()) {
      assertEquals(42, Files.getLastModifiedTime(file).toMillis() / 1000);
    }
    try (var left = Files.list(temporary)) {
      assertEquals(List.of(file), left.toList());
    }
    Files.delete(file);
  }

  /** A death came when a neighbour's bytes were out and not marked so; this one is undone first. */
  @Test
  void findsBytesBehindANeighbourThatIsOutAndNotMarkedSo() throws IOException {
    for (String neighbour : List.of("hers\n", "some more\n", OURS)) {
      Path file = Files.writeString(temporary.resolve("file"), BEFORE + OURS);
      Undo.BytesAppended first = step(file);
      String text = Base64.getEncoder().encodeToString(bytes(neighbour));
      Undo.BytesAppended hers =
          new Undo.BytesAppended(first.file(), text, BEFORE.length(), (long) BEFORE.length(), 1L);
      long offset = BEFORE.length() + neighbour.length();
      Undo.BytesAppended ours =
          new Undo.BytesAppended(first.file(), first.bytes(), offset, offset, 1L);
      Rollback rollback = new Rollback(temporary);
      Optional<Base> base = company(first).base();
      assertEquals(
          new Outcome.Undone(),
          rollback.undo(ours, new Company(base, List.of(new Company.Member(hers, false))), false));
      assertEquals(
          new Outcome.Undone(),
          rollback.undo(hers, new Company(base, List.of(new Company.Member(ours, true))), false));
      assertEquals(BEFORE, Files.readString(file));
      Files.delete(file);
    }
  }

  /** The first death came while hers were being taken out, the second before they were marked. */
  @Test
  void doesNothingTwiceThoughWhoCarriedOutWhatWasBegunDiedToo() throws IOException {
    for (String tail : List.of("", "theirs\n")) {
      for (boolean marked : new boolean[] {false, true}) {
        Path file = Files.writeString(temporary.resolve("file"), BEFORE + OURS + "mine\n" + tail);
        Undo.BytesAppended hers = step(file);
        String text = Base64.getEncoder().encodeToString(bytes("mine\n"));
        long offset = BEFORE.length() + OURS.length();
        Undo.BytesAppended mine =
            new Undo.BytesAppended(hers.file(), text, offset, offset, 42_000_000_000L);
        Scratch scratch = new Scratch(temporary, () -> false);
        String behind = "mine\n" + tail;
        scratch.keep(Scratch.name(hers), excision(hers, behind, 42_000_000_000L), followed(behind));
        Optional<Base> base = company(hers).base();
        Company unmarked = new Company(base, List.of(new Company.Member(hers, false)));
        assertEquals(new Outcome.Undone(), new Rollback(temporary).undo(mine, unmarked, false));
        assertEquals(BEFORE + tail, Files.readString(file));
        Rollback next = new Rollback(temporary);
        Company beside = new Company(base, List.of(new Company.Member(mine, marked)));
        over(next.undo(hers, beside, false), tail);
        Company left = new Company(base, List.of(new Company.Member(hers, true)));
        over(next.undo(mine, left, false), tail);
        assertEquals(BEFORE + tail, Files.readString(file));
        try (var notes = Files.list(temporary)) {
          assertEquals(List.of(file), notes.toList());
        }
        Files.delete(file);
      }
    }
  }

  /** If others wrote too, nobody can tell any more whether it was us who took the bytes out. */
  private static void over(Outcome outcome, String theirs) {
    assertEquals(theirs.isEmpty(), outcome.equals(new Outcome.Undone()));
    assertEquals(!theirs.isEmpty(), outcome instanceof Outcome.Conflict);
  }

  /** A death came between the announcement and the write; a neighbour's bytes are equal. */
  @Test
  void takesNoEqualBytesForThoseThatWereNeverWritten() throws IOException {
    for (String theirs : List.of("", OURS, OURS + "more\n")) {
      Path file = Files.writeString(temporary.resolve("file"), BEFORE + OURS + theirs);
      Undo.BytesAppended hers = step(file);
      Undo.BytesAppended ours =
          new Undo.BytesAppended(
              hers.file(), hers.bytes(), (BEFORE + OURS + theirs).length(), null, null);
      Rollback rollback = new Rollback(temporary);
      Optional<Base> base = company(hers).base();
      assertEquals(
          new Outcome.Undone(),
          rollback.undo(ours, new Company(base, List.of(new Company.Member(hers, false))), false));
      assertEquals(BEFORE + OURS + theirs, Files.readString(file), "hers stay");
      assertEquals(
          new Outcome.Undone(),
          rollback.undo(hers, new Company(base, List.of(new Company.Member(ours, true))), false));
      assertEquals(BEFORE + theirs, Files.readString(file), "theirs stay");
      Files.delete(file);
    }
  }

  /** A death came when hers were half out, and ours are undone first. */
  @Test
  void takesOutWhatANeighbourHadBegunToTakeOut() throws IOException {
    for (String ours : List.of("some more\n", "m\n", OURS)) {
      for (int moved = 0; moved <= ours.length() + 1; moved++) {
        for (String theirs : List.of("", "theirs\n")) {
          begunByANeighbour(ours, moved, theirs);
        }
      }
    }
  }

  @Test
  void waitsForANeighbourThatCannotBeFinished() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), BEFORE + OURS + "mine\n");
    Undo.BytesAppended hers = step(file);
    new Scratch(temporary, () -> false)
        .keep(Scratch.name(hers), excision(hers, "mine\n", 42), followed("mine\n"));
    try (var out = FileChannel.open(file, StandardOpenOption.WRITE)) {
      out.write(ByteBuffer.allocate(1), out.size() + Whereabouts.MOST); // and nothing before it
    }
    long offset = BEFORE.length() + OURS.length();
    String mine = Base64.getEncoder().encodeToString(bytes("mine\n"));
    Undo.BytesAppended ours = new Undo.BytesAppended(hers.file(), mine, offset, offset, 1L);
    Company beside = new Company(company(hers).base(), List.of(new Company.Member(hers, false)));
    assertInstanceOf(Outcome.Stuck.class, new Rollback(temporary).undo(ours, beside, false));
  }

  private void begunByANeighbour(String text, int moved, String theirs) throws IOException {
    Path file = temporary.resolve("file");
    String old = OURS + text;
    boolean cut = moved > text.length();
    String middle = cut ? text : text.substring(0, moved) + old.substring(moved);
    Files.writeString(file, BEFORE + middle + theirs);
    Undo.BytesAppended hers = step(file);
    Scratch scratch = new Scratch(temporary, () -> false);
    scratch.keep(Scratch.name(hers), excision(hers, text, 42_000_000_000L), followed(text));
    long offset = BEFORE.length() + OURS.length();
    String encoded = Base64.getEncoder().encodeToString(bytes(text));
    Undo.BytesAppended ours = new Undo.BytesAppended(hers.file(), encoded, offset, offset, 1L);
    Rollback rollback = new Rollback(temporary);
    Optional<Base> base = company(hers).base();
    Company beside = new Company(base, List.of(new Company.Member(hers, false)));
    assertEquals(new Outcome.Undone(), rollback.undo(ours, beside, false));
    Company last = new Company(base, List.of(new Company.Member(ours, true)));
    assertEquals(new Outcome.Undone(), rollback.undo(hers, last, false));
    assertEquals(BEFORE + theirs, Files.readString(file));
    try (var left = Files.list(temporary)) {
      assertEquals(List.of(file), left.toList());
    }
    Files.delete(file);
  }

  /** Hers are out and not marked so, theirs are equal, and ours were written and not reported. */
  @Test
  void takesOutAsManyAsWereWrittenWhenAllAreEqual() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), BEFORE + OURS + OURS);
    Undo.BytesAppended hers = step(file);
    Undo.BytesAppended ours =
        new Undo.BytesAppended(
            hers.file(), hers.bytes(), BEFORE.length() + 2L * OURS.length(), null, null);
    Rollback rollback = new Rollback(temporary);
    Optional<Base> base = company(hers).base();
    rollback.undo(ours, new Company(base, List.of(new Company.Member(hers, false))), false);
    rollback.undo(hers, new Company(base, List.of(new Company.Member(ours, true))), false);
    assertEquals(BEFORE + OURS, Files.readString(file), "theirs stay");
  }

  @Test
  void keepsWhatOthersChangedWhileItWasHalfOut() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), BEFORE + "all is different now");
    Undo.BytesAppended step = step(file);
    new Scratch(temporary, () -> false)
        .keep(Scratch.name(step), excision(step, "tail", 42), followed("tail"));
    assertInstanceOf(
        Outcome.Conflict.class, new Rollback(temporary).undo(step, company(step), false));
    assertEquals(BEFORE + "all is different now", Files.readString(file));
  }

  /** As who opened the file does when lease-break-time has passed. */
  @Test
  void cutsNothingOffThatOthersAppendMeanwhile() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), BEFORE + OURS + "tail\n");
    Undo.BytesAppended step = step(file);
    Excision excision = excision(step, "tail\n", 42);
    Excision.Tail followed = followed("tail\n");
    new Scratch(temporary, () -> false).keep(Scratch.name(step), excision, followed);
    Excision.Tail late =
        (from, length) -> {
          Files.writeString(file, "late\n", StandardOpenOption.APPEND);
          return followed.read(from, length);
        };
    try (Fd handle = Open.path(file.toString());
        Fd fd = Open.writing(handle, file.toString())) {
      assertThrows(IOException.class, () -> excision.apply(fd, late, file.toString()));
    }
    assertEquals(new Outcome.Undone(), new Rollback(temporary).undo(step, company(step), false));
    assertEquals(BEFORE + "tail\nlate\n", Files.readString(file));
  }

  @Test
  void keepsNothingOfAFileThatIsDeletedAfterADeath() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), BEFORE + OURS + "tail\n");
    Undo.BytesAppended step = step(file);
    String name = Scratch.name(step);
    new Scratch(temporary, () -> false)
        .keep(name, excision(step, "tail\n", 42), followed("tail\n"));
    Files.copy(temporary.resolve(name), temporary.resolve(name + ".new"));
    Files.delete(file);
    assertInstanceOf(
        Outcome.Conflict.class, new Rollback(temporary).undo(step, company(step), false));
    try (var left = Files.list(temporary)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void findsBytesThatWereWrittenButNotReported() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), BEFORE + "theirs\n" + OURS + "more\n");
    Undo.BytesAppended made = step(file);
    Undo.BytesAppended step =
        new Undo.BytesAppended(made.file(), made.bytes(), made.before(), null, null);
    assertEquals(new Outcome.Undone(), new Rollback(temporary).undo(step, company(step), false));
    assertEquals(BEFORE + "theirs\nmore\n", Files.readString(file));
  }

  @Test
  void takesOutABeginningThatADeathLeft() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), BEFORE + "ou");
    Undo.BytesAppended made = step(file);
    Undo.BytesAppended step =
        new Undo.BytesAppended(made.file(), made.bytes(), made.before(), null, null);
    assertEquals(new Outcome.Undone(), new Rollback(temporary).undo(step, company(step), false));
    assertEquals(BEFORE, Files.readString(file));
  }
}
