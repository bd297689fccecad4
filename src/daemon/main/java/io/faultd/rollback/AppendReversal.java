package io.faultd.rollback;

import io.faultd.fault.Base;
import io.faultd.fault.Undo;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Attributes;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Lease;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Takes appended bytes out again, while nobody else has the file open. */
final class AppendReversal {
  private static final Outcome UNDONE = new Outcome.Undone();
  private static final Duration PATIENCE = Duration.ofMillis(300);

  private final Scratch scratch;

  /** The next of many steps on a file that is held need not wait as long as the first did. */
  private volatile @Nullable Vain vain;

  /**
   * Steps of others that were carried out here, until those ask. A daemon that dies before that
   * takes nothing with it that the next one needs: that finds the bytes out and not marked so, as
   * after any death between the two, and touches nothing but bytes that are where they were.
   */
  private final Set<Undo.BytesAppended> carriedOut = ConcurrentHashMap.newKeySet();

  /** A file that was waited for in vain, and until when. */
  private record Vain(String who, long when) {}

  AppendReversal(Scratch scratch) {
    this.scratch = scratch;
  }

  Outcome undo(Undo.BytesAppended step, Company company) throws IOException {
    String path = step.file().path();
    Outcome outcome =
        Located.with(
            step.file(),
            handle ->
                step.length() == 0 ? nothing(handle, step, company) : leased(handle, step, company),
            () -> new Outcome.Conflict(path + ": was deleted by somebody else meanwhile"));
    if (!(outcome instanceof Outcome.Stuck)) {
      scratch.drop(Scratch.name(step)); // a death may have left it, and then the file went
    }
    return outcome;
  }

  /** The disk was full, and yet mtime and capabilities may have changed. */
  private static Outcome nothing(Fd handle, Undo.BytesAppended step, Company company)
      throws IOException {
    try (Fd fd = Open.reading(handle, step.file().path())) {
      settle(fd, step, company, Stat.of(fd, step.file().path()));
      return UNDONE;
    }
  }

  private Outcome leased(Fd handle, Undo.BytesAppended step, Company company) throws IOException {
    String path = step.file().path();
    if (carriedOut.remove(step)) {
      return UNDONE;
    }
    try (Fd fd = Open.writing(handle, path)) {
      handle.close(); // older kernels count it as somebody who has the file open
      return switch (alone(fd, Scratch.who(step.file()))) {
        case GIVEN -> alone(fd, step, company);
        case HELD_OPEN -> held(fd, step, company, "others have it open");
        case UNSUPPORTED -> held(fd, step, company, "cannot be had alone (no leases here)");
      };
    } catch (LinuxException e) {
      if (!e.call().equals(Open.FOR_WRITING)) {
        throw e;
      }
      try (Fd fd = Open.reading(handle, path)) { // it is a program that runs, for example
        return held(fd, step, company, String.valueOf(e.getMessage()));
      }
    }
  }

  /** Who only looks into the file for a moment is waited for. */
  private Lease.Answer alone(Fd fd, String who) {
    Vain last = vain;
    long now = System.nanoTime();
    boolean waited = last != null && last.who.equals(who) && now - last.when < PATIENCE.toNanos();
    long deadline = waited ? now : now + PATIENCE.toNanos();
    Lease.Answer answer = Lease.take(fd);
    while (answer == Lease.Answer.HELD_OPEN && System.nanoTime() < deadline) {
      LockSupport.parkNanos(10_000_000);
      answer = Lease.take(fd);
    }
    if (answer == Lease.Answer.HELD_OPEN) {
      vain = new Vain(who, System.nanoTime());
    }
    return answer;
  }

  /** Bytes that others took away, or that were never written, need nobody to be alone. */
  private Outcome held(Fd fd, Undo.BytesAppended step, Company company, String why)
      throws IOException {
    String path = step.file().path();
    if (scratch.begun(step.file())) {
      return new Outcome.Stuck("%s: %s, and what was begun is half done".formatted(path, why));
    }
    Stat now = Stat.of(fd, path);
    Optional<Whereabouts> found = Whereabouts.find(fd, now.size(), step, company);
    return found.isEmpty()
        ? absent(fd, step, company, now)
        : new Outcome.Stuck(
            "%s: %s; our bytes are at %d to %d"
                .formatted(path, why, found.get().place(), found.get().end()));
  }

  private Outcome alone(Fd fd, Undo.BytesAppended step, Company company) throws IOException {
    String name = Scratch.name(step);
    Optional<Outcome> begun = resumed(fd, name, step);
    if (begun.isPresent()) {
      return begun.get();
    }
    Optional<String> other = scratch.other(step.file(), name);
    return other.isEmpty() ? out(fd, step, company) : after(fd, other.get(), step, company);
  }

  /** First finishes what a neighbour has begun: until then nobody can tell where ours are. */
  private Outcome after(Fd fd, String note, Undo.BytesAppended step, Company company)
      throws IOException {
    Optional<Outcome> theirs = resumed(fd, note, step);
    boolean done = theirs.filter(UNDONE::equals).isPresent();
    List<Company.Member> others = new ArrayList<>();
    for (Company.Member each : company.others()) {
      if (each.undone()
          || !(each.step() instanceof Undo.BytesAppended other)
          || !Scratch.name(other).equals(note)) {
        others.add(each);
      } else if (done) {
        carriedOut.add(other);
        others.add(new Company.Member(other, true));
      } else if (theirs.isPresent() && theirs.get() instanceof Outcome.Stuck stuck) {
        return stuck;
      } else {
        others.add(each);
      }
    }
    return out(fd, step, new Company(company.base(), others));
  }

  private Outcome out(Fd fd, Undo.BytesAppended step, Company company) throws IOException {
    Stat now = Stat.of(fd, step.file().path());
    Optional<Whereabouts> found = Whereabouts.find(fd, now.size(), step, company);
    return found.isPresent()
        ? takeOut(fd, step, company, now, found.get())
        : absent(fd, step, company, now);
  }

  private static Outcome absent(Fd fd, Undo.BytesAppended step, Company company, Stat now)
      throws IOException {
    long others =
        company.others().stream()
            .filter(member -> !member.undone())
            .flatMap(member -> appended(member.step()))
            .filter(made -> made.offset() != null)
            .mapToLong(Undo.BytesAppended::length)
            .sum();
    boolean asBefore =
        base(company).filter(base -> base.size() + others == now.size()).isPresent()
            || Whereabouts.places(fd, step, company).contains(now.size());
    if (step.offset() != null && !asBefore) {
      return new Outcome.Conflict(
          "%s: our bytes are no longer where they were (%d); what is there stays"
              .formatted(step.file().path(), step.offset()));
    }
    settle(fd, step, company, now);
    return UNDONE;
  }

  /** Whoever left before took this one for still there, and left mtime and more to it. */
  private static void settle(Fd fd, Undo.BytesAppended step, Company company, Stat now)
      throws IOException {
    Optional<Base.AppendedFile> base = base(company);
    if (base.filter(file -> file.size() == now.size()).isPresent()
        && made(step, company).anyMatch(modified -> modified == now.modified())) {
      leaving(fd, step, company, now.size(), base.get().modified()).leave(fd, step.file().path());
    }
  }

  private static Optional<Base.AppendedFile> base(Company company) {
    return company
        .base()
        .flatMap(
            base -> base instanceof Base.AppendedFile file ? Optional.of(file) : Optional.empty());
  }

  private Outcome takeOut(
      Fd fd, Undo.BytesAppended step, Company company, Stat now, Whereabouts found)
      throws IOException {
    String path = step.file().path();
    long end = found.end();
    long tail = now.size() - end;
    if (tail > Whereabouts.MOST) {
      return new Outcome.Stuck(
          "%s: %d bytes were written behind ours (%d to %d), more than can be moved"
              .formatted(path, tail, found.place(), end));
    }
    long modified = modified(step, company, now, found);
    Excision excision =
        new Excision(
            Scratch.who(step.file()),
            found.place(),
            found.bytes(),
            tail,
            leaving(fd, step, company, now.size() - found.bytes().length, modified));
    String name = Scratch.name(step);
    scratch.keep(name, excision, (at, length) -> Contents.read(fd, end + at, length, path));
    if (!Lease.unbroken(fd)) {
      scratch.drop(name);
      return new Outcome.Stuck(
          "%s: others are opening it; our bytes are at %d".formatted(path, excision.place()));
    }
    applied(fd, name, step);
    return UNDONE;
  }

  /** Does what a note says, and drops it. */
  private void applied(Fd fd, String name, Undo.BytesAppended step) throws IOException {
    try (Scratch.Kept kept = scratch.find(name, step.file()).orElseThrow()) {
      kept.excision().apply(fd, kept, step.file().path());
    }
    scratch.drop(name);
  }

  /** How what a note tells of ended; empty if there is no note. */
  private Optional<Outcome> resumed(Fd fd, String name, Undo.BytesAppended step)
      throws IOException {
    Optional<Scratch.Kept> begun = scratch.find(name, step.file());
    if (begun.isEmpty()) {
      return Optional.empty();
    }
    try (Scratch.Kept kept = begun.get()) {
      return Optional.of(resume(fd, name, kept, step));
    }
  }

  private Outcome resume(Fd fd, String name, Scratch.Kept begun, Undo.BytesAppended step)
      throws IOException {
    String path = step.file().path();
    return switch (begun.excision().left(fd, begun, path)) {
      case CUT -> {
        begun.excision().leaving().leave(fd, path); // which a death left undone
        scratch.drop(name);
        yield UNDONE;
      }
      case CUT_AND_WRITTEN -> {
        Contents.sync(fd, path);
        scratch.drop(name);
        yield UNDONE;
      }
      case WHOLE -> whole(fd, name, begun, step);
      case CHANGED -> {
        scratch.drop(name);
        yield new Outcome.Conflict(
            "%s: others changed it from %d on while our bytes were being taken out; it stays"
                .formatted(path, begun.excision().place()));
      }
    };
  }

  /** Do it again, and keep what others have added since. */
  private Outcome whole(Fd fd, String name, Scratch.Kept begun, Undo.BytesAppended step)
      throws IOException {
    String path = step.file().path();
    Excision old = begun.excision();
    Stat now = Stat.of(fd, path);
    long added = now.size() - old.size();
    if (added > Whereabouts.MOST) {
      return new Outcome.Stuck(path + ": more was written behind our bytes than can be moved");
    }
    if (added > 0) {
      Excision more =
          new Excision(
              old.file(),
              old.place(),
              old.ours(),
              old.tail() + added,
              new Excision.Leaving(now.modified(), Attributes.capabilities(fd, path).orElse(null)));
      scratch.keep(
          name,
          more,
          (at, length) ->
              at < old.tail()
                  ? begun.read(at, length)
                  : Contents.read(fd, old.size() + at - old.tail(), length, path));
    }
    // a break now changes nothing: the file is half-way, and the tail is safe only with us
    applied(fd, name, step);
    return UNDONE;
  }

  /**
   * With the capabilities that are there now, or else, if all is as before, with those that were
   * found last.
   */
  private static Excision.Leaving leaving(
      Fd fd, Undo.BytesAppended step, Company company, long size, long modified)
      throws IOException {
    byte[] now = Attributes.capabilities(fd, step.file().path()).orElse(null);
    boolean asBefore =
        base(company)
            .filter(file -> file.size() == size && file.modified() == modified)
            .isPresent();
    if (now != null || !asBefore) {
      return new Excision.Leaving(modified, now);
    }
    return new Excision.Leaving(
        modified,
        steps(step, company)
            .filter(each -> each.capabilities() != null)
            .max(Comparator.comparingLong(Undo.BytesAppended::place))
            .map(newest -> Base64.getDecoder().decode(newest.capabilities()))
            .orElse(null));
  }

  /**
   * The mtime to leave: the base's if the last member leaves what the base was and nobody else
   * wrote; else the one that is there.
   */
  private static long modified(
      Undo.BytesAppended step, Company company, Stat now, Whereabouts found) {
    boolean atEnd = found.end() == now.size();
    boolean unknownAtEnd = step.offset() == null && atEnd;
    boolean oursAlone =
        unknownAtEnd || made(step, company).anyMatch(modified -> modified == now.modified());
    Optional<Base.AppendedFile> base = base(company);
    if (!oursAlone || base.isEmpty()) {
      return now.modified();
    }
    // by its size, not by marks, which may have been lost: no other member's bytes are left
    if (now.size() - found.bytes().length == base.get().size()) {
      return base.get().modified();
    }
    if (unknownAtEnd && !company.last()) {
      return made(step, company).max(Long::compare).orElse(base.get().modified());
    }
    return atEnd ? before(step, company).orElse(now.modified()) : now.modified();
  }

  /** The mtime that a neighbour made, behind whose bytes these came at once: as it was then. */
  private static Optional<Long> before(Undo.BytesAppended step, Company company) {
    for (Company.Member member : company.others()) {
      if (!member.undone()
          && member.step() instanceof Undo.BytesAppended other
          && other.offset() != null
          && other.modified() != null
          && other.offset() + other.length() == step.before()) {
        return Optional.of(other.modified());
      }
    }
    return Optional.empty();
  }

  private static Stream<Long> made(Undo.BytesAppended step, Company company) {
    return steps(step, company).flatMap(each -> Stream.ofNullable(each.modified()));
  }

  private static Stream<Undo.BytesAppended> steps(Undo.BytesAppended step, Company company) {
    return Stream.concat(
        Stream.of(step), company.others().stream().flatMap(member -> appended(member.step())));
  }

  private static Stream<Undo.BytesAppended> appended(Undo step) {
    return step instanceof Undo.BytesAppended appended ? Stream.of(appended) : Stream.empty();
  }
}
