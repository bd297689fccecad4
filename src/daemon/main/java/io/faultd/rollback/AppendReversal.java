package io.faultd.rollback;

import io.faultd.fault.Base;
import io.faultd.fault.Undo;
import io.faultd.linux.Fd;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Lease;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Takes appended bytes out again, while nobody else has the file open. */
final class AppendReversal {
  private static final Outcome UNDONE = new Outcome.Undone();
  private static final Duration PATIENCE = Duration.ofMillis(300);

  private final Scratch scratch;

  AppendReversal(Scratch scratch) {
    this.scratch = scratch;
  }

  Outcome undo(Undo.BytesAppended step, Company company) throws IOException {
    String path = step.file().path();
    return Located.with(
        step.file(),
        handle -> {
          try (Fd fd = Open.writing(handle, path)) {
            if (step.bytes().isEmpty()) { // the disk was full, and yet the mtime may be new
              settle(fd, step, company, Stat.of(fd, path));
              return UNDONE;
            }
            handle.close(); // older kernels count it as somebody who has the file open
            return switch (alone(fd)) {
              case GIVEN -> alone(fd, step, company);
              case HELD_OPEN -> new Outcome.Stuck(held(fd, step, company));
              case UNSUPPORTED ->
                  new Outcome.Stuck(
                      path + ": cannot be had alone (no leases here), so it is left as it is");
            };
          }
        },
        () -> new Outcome.Conflict(path + ": was deleted by somebody else meanwhile"));
  }

  /** Who only looks into the file for a moment is waited for. */
  private static Lease.Answer alone(Fd fd) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Lease.Answer answer = Lease.take(fd);
    while (answer == Lease.Answer.HELD_OPEN && System.nanoTime() < deadline) {
      LockSupport.parkNanos(10_000_000);
      answer = Lease.take(fd);
    }
    return answer;
  }

  private static String held(Fd fd, Undo.BytesAppended step, Company company) throws IOException {
    String path = step.file().path();
    return Whereabouts.find(fd, Stat.of(fd, path).size(), step, company)
        .map(found ->
            "%s: others have it open; our bytes are at %d to %d"
                .formatted(path, found.place(), found.place() + found.bytes().length))
        .orElse(path + ": others have it open");
  }

  private Outcome alone(Fd fd, Undo.BytesAppended step, Company company) throws IOException {
    String name = Scratch.name(step);
    Optional<Excision> begun = scratch.find(name, step.file());
    if (begun.isPresent()) {
      return resume(fd, name, begun.get(), step);
    }
    Optional<String> other = scratch.other(step.file(), name);
    if (other.isPresent()) {
      if (company.others().stream().anyMatch(member -> waits(member, other.get()))) {
        return new Outcome.Stuck(
            step.file().path() + ": the bytes of another experiment are half out; after that");
      }
      // its step was given up: nobody else will finish it
      resume(fd, other.get(), scratch.find(other.get(), step.file()).orElseThrow(), step);
    }
    Stat now = Stat.of(fd, step.file().path());
    Optional<Whereabouts> found = Whereabouts.find(fd, now.size(), step, company);
    return found.isPresent()
        ? takeOut(fd, step, company, now, found.get())
        : absent(fd, step, company, now);
  }

  private static boolean waits(Company.Member member, String note) {
    return !member.undone()
        && member.step() instanceof Undo.BytesAppended step
        && Scratch.name(step).equals(note);
  }

  private static Outcome absent(Fd fd, Undo.BytesAppended step, Company company, Stat now)
      throws IOException {
    long others =
        company.others().stream()
            .filter(member -> !member.undone())
            .map(Company.Member::step)
            .map(other -> other instanceof Undo.BytesAppended made ? made : null)
            .filter(made -> made != null && made.offset() != null)
            .mapToLong(made -> Whereabouts.length(Objects.requireNonNull(made)))
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

  /** Whoever left before took this one for still there, and left the mtime to it. */
  private static void settle(Fd fd, Undo.BytesAppended step, Company company, Stat now)
      throws IOException {
    Optional<Base.AppendedFile> base = base(company);
    if (base.filter(file -> file.size() == now.size()).isPresent()
        && made(step, company).anyMatch(modified -> modified == now.modified())) {
      Contents.modified(fd, base.get().modified(), step.file().path());
      Contents.sync(fd, step.file().path());
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
    long end = found.place() + found.bytes().length;
    if (now.size() - end > Whereabouts.MOST) {
      return new Outcome.Stuck(
          "%s: %d bytes were written behind ours (%d to %d), more than can be moved"
              .formatted(path, now.size() - end, found.place(), end));
    }
    byte[] tail = Contents.read(fd, end, (int) (now.size() - end), path);
    long modified = modified(step, company, now, found);
    Excision excision =
        new Excision(Scratch.who(step.file()), found.place(), found.bytes(), tail, modified);
    return apply(fd, Scratch.name(step), excision, step);
  }

  private Outcome apply(Fd fd, String name, Excision excision, Undo.BytesAppended step)
      throws IOException {
    String path = step.file().path();
    scratch.keep(name, excision);
    if (!Lease.unbroken(fd)) {
      scratch.drop(name);
      return new Outcome.Stuck(
          "%s: others are opening it; our bytes are at %d".formatted(path, excision.place()));
    }
    excision.apply(fd, path);
    scratch.drop(name);
    return UNDONE;
  }

  private Outcome resume(Fd fd, String name, Excision begun, Undo.BytesAppended step)
      throws IOException {
    String path = step.file().path();
    return switch (begun.left(fd, path)) {
      case CUT -> {
        begun.settle(fd, path);
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
                .formatted(path, begun.place()));
      }
    };
  }

  /** Do it again, and keep what others have added since. */
  private Outcome whole(Fd fd, String name, Excision begun, Undo.BytesAppended step)
      throws IOException {
    String path = step.file().path();
    Stat now = Stat.of(fd, path);
    long added = now.size() - begun.size();
    if (added > Whereabouts.MOST) {
      return new Outcome.Stuck(path + ": more was written behind our bytes than can be moved");
    }
    Excision again = begun;
    if (added > 0) {
      byte[] tail = Bytes.join(begun.tail(), Contents.read(fd, begun.size(), (int) added, path));
      again = new Excision(begun.file(), begun.place(), begun.ours(), tail, now.modified());
    }
    scratch.keep(name, again);
    // a break now changes nothing: the file is half-way, and the tail is safe only with us
    again.apply(fd, path);
    scratch.drop(name);
    return UNDONE;
  }

  /**
   * The mtime to leave: the base's if the last member leaves what the base was and nobody else
   * wrote; else the one that is there.
   */
  private static long modified(
      Undo.BytesAppended step, Company company, Stat now, Whereabouts found) {
    boolean unknownAtEnd =
        step.offset() == null && found.place() + found.bytes().length == now.size();
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
    return found.place() + found.bytes().length == now.size()
        ? before(step, company).orElse(now.modified())
        : now.modified();
  }

  /** The mtime that a neighbour made, behind whose bytes these came at once: as it was then. */
  private static Optional<Long> before(Undo.BytesAppended step, Company company) {
    for (Company.Member member : company.others()) {
      if (!member.undone()
          && member.step() instanceof Undo.BytesAppended other
          && other.offset() != null
          && other.modified() != null
          && other.offset() + Whereabouts.length(other) == step.before()) {
        return Optional.of(other.modified());
      }
    }
    return Optional.empty();
  }

  private static Stream<Long> made(Undo.BytesAppended step, Company company) {
    return Stream.concat(Stream.of(step), company.others().stream().map(Company.Member::step))
        .flatMap(each ->
            each instanceof Undo.BytesAppended appended && appended.modified() != null
                ? Stream.of(appended.modified())
                : Stream.empty());
  }
}
