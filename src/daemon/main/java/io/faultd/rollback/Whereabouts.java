package io.faultd.rollback;

import io.faultd.fault.Undo;
import io.faultd.linux.Fd;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Search;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Where the bytes of a step are in a file from which other members may have taken theirs already.
 *
 * @param place their offset
 * @param bytes what is there of them: all, or the beginning that a death in mid-write left
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Whereabouts(long place, byte[] bytes) {
  /** How much of a file is searched or moved. */
  static final int MOST = 64 << 20;

  private static final int MOST_PLACES = 1024;
  private static final int CHUNK = 1 << 16;

  /** Where the next byte is. */
  long end() {
    return place + bytes.length;
  }

  static Optional<Whereabouts> find(Fd fd, long size, Undo.BytesAppended step, Company company)
      throws IOException {
    Set<Long> places = shifted(step, company);
    if (step.offset() != null) {
      Optional<Whereabouts> found = there(fd, step, places);
      return found.isPresent() || size < step.length()
          ? found
          : there(fd, step, places(fd, step, company));
    }
    Neighbours neighbours = Neighbours.of(fd, company);
    places.addAll(unmarked(company, neighbours, step.place()));
    return new Unreported(fd, step, places, neighbours).find(size);
  }

  private static Optional<Whereabouts> there(Fd fd, Undo.BytesAppended step, Set<Long> places)
      throws IOException {
    for (long place : places) {
      if (matches(fd, place, step)) {
        byte[] ours = Contents.read(fd, place, (int) step.length(), step.file().path());
        return Optional.of(new Whereabouts(place, ours));
      }
    }
    return Optional.empty();
  }

  /** Whether the bytes of a step are at a place. */
  static boolean matches(Fd fd, long place, Undo.BytesAppended step) throws IOException {
    String path = step.file().path();
    byte[] known = Base64.getDecoder().decode(step.bytes());
    if (!Arrays.equals(Contents.read(fd, place, known.length, path), known)) {
      return false;
    }
    Undo.BytesAppended.Rounds rounds = step.rounds();
    if (rounds == null) {
      return true;
    }
    MessageDigest digest = sha256();
    for (long at = 0; at < rounds.length(); at += CHUNK) {
      digest.update(
          Contents.read(fd, place + at, (int) Math.min(CHUNK, rounds.length() - at), path));
    }
    return HexFormat.of().formatHex(digest.digest()).equals(rounds.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each Java has it
    }
  }

  /** What was never made, as far as the record knows, or only in part. */
  private record Unreported(
      Fd fd, Undo.BytesAppended step, Set<Long> places, Neighbours neighbours) {

    Optional<Whereabouts> find(long size) throws IOException {
      byte[] ours = Base64.getDecoder().decode(step.bytes());
      for (long place : places) {
        if (neighbours.free(place, ours.length) && matches(fd, place, step)) {
          return Optional.of(new Whereabouts(place, ours));
        }
      }
      Optional<Whereabouts> begun = begun(ours, size);
      return begun.isPresent() ? begun : search(ours, size);
    }

    /** The beginning that a death in mid-write left. */
    private Optional<Whereabouts> begun(byte[] ours, long size) throws IOException {
      for (long place : places) {
        long part = size - place;
        if (part > 0 && part < ours.length && neighbours.free(place, part)) {
          byte[] begun = Arrays.copyOf(ours, (int) part);
          if (Arrays.equals(Contents.read(fd, place, begun.length, step.file().path()), begun)) {
            return Optional.of(new Whereabouts(place, begun));
          }
        }
      }
      return Optional.empty();
    }

    private Optional<Whereabouts> search(byte[] ours, long size) throws IOException {
      long from = places.stream().mapToLong(Long::longValue).min().orElse(0);
      long to = Math.min(size, from + MOST);
      OptionalLong found =
          new Search(ours)
              .first(
                  fd, from, to, place -> neighbours.free(place, ours.length), step.file().path());
      return found.isPresent()
          ? Optional.of(new Whereabouts(found.getAsLong(), ours))
          : Optional.empty();
    }
  }

  /** Where they can be: their offset less what was taken out before it. */
  static Set<Long> places(Fd fd, Undo.BytesAppended step, Company company) throws IOException {
    Set<Long> places = shifted(step, company);
    places.addAll(unmarked(company, Neighbours.of(fd, company), step.place()));
    return places;
  }

  /**
   * Their offset less what is marked as taken out before it. Members that left before these bytes
   * came have shifted nothing, so the longest gone are left out one by one.
   */
  private static Set<Long> shifted(Undo.BytesAppended step, Company company) {
    long offset = step.place();
    List<Long> made = new ArrayList<>();
    List<Long> all = new ArrayList<>();
    for (Company.Member member : company.others()) {
      if (member.undone()
          && member.step() instanceof Undo.BytesAppended other
          && other.place() < offset) {
        all.add(other.length());
        if (other.offset() != null) {
          made.add(other.length());
        }
      }
    }
    Set<Long> places = new LinkedHashSet<>();
    shift(offset, made, places);
    shift(offset, all, places);
    return places;
  }

  private static void shift(long offset, List<Long> lengths, Set<Long> places) {
    long taken = lengths.stream().mapToLong(Long::longValue).sum();
    for (int left = 0; left <= lengths.size(); left++) {
      if (taken <= offset) {
        places.add(offset - taken);
      }
      if (left < lengths.size()) {
        taken -= lengths.get(left);
      }
    }
  }

  /** Others may be out already without having been marked so: a death or a full disk. */
  private static Set<Long> unmarked(Company company, Neighbours neighbours, long offset) {
    Set<Long> sums = new LinkedHashSet<>(List.of(0L));
    for (Company.Member member : company.others()) {
      if (member.step() instanceof Undo.BytesAppended other
          && (member.undone() || neighbours.missing().contains(other))
          && other.place() <= offset
          && sums.size() < MOST_PLACES) {
        List.copyOf(sums).forEach(sum -> sums.add(sum + other.length()));
      }
    }
    Set<Long> places = new LinkedHashSet<>();
    sums.stream().map(sum -> offset - sum).filter(place -> place >= 0).forEach(places::add);
    return places;
  }

  /**
   * Members that are not marked as taken out.
   *
   * @param there where the bytes of those are that have them: from, to
   * @param missing whose bytes are not where they should be
   */
  private record Neighbours(List<Range> there, Set<Undo.BytesAppended> missing) {

    static Neighbours of(Fd fd, Company company) throws IOException {
      Neighbours neighbours = new Neighbours(new ArrayList<>(), new HashSet<>());
      for (Company.Member member : company.others()) {
        if (!member.undone() && member.step() instanceof Undo.BytesAppended step) {
          Optional<Range> range =
              step.offset() == null ? Optional.empty() : range(fd, step, company);
          range.ifPresentOrElse(neighbours.there::add, () -> neighbours.missing.add(step));
        }
      }
      return neighbours;
    }

    private static Optional<Range> range(Fd fd, Undo.BytesAppended step, Company company)
        throws IOException {
      for (long place : shifted(step, company)) {
        if (matches(fd, place, step)) {
          return Optional.of(new Range(place, place + step.length()));
        }
      }
      return Optional.empty();
    }

    /** Whether nothing here is a neighbour's: equal bytes are not to be taken for ours. */
    boolean free(long place, long length) {
      return there.stream().allMatch(range -> place + length <= range.from || place >= range.to);
    }
  }

  /** A part of the file. */
  private record Range(long from, long to) {}
}
