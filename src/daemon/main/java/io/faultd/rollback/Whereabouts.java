package io.faultd.rollback;

import io.faultd.fault.Undo;
import io.faultd.linux.Fd;
import io.faultd.linux.file.Contents;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
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

  static Optional<Whereabouts> find(Fd fd, long size, Undo.BytesAppended step, Company company)
      throws IOException {
    byte[] ours = Base64.getDecoder().decode(step.bytes());
    String path = step.file().path();
    List<Long> places = places(fd, step, company);
    Neighbours neighbours =
        step.offset() == null ? Neighbours.of(fd, company) : new Neighbours(List.of(), List.of());
    for (long place : places) {
      if (neighbours.free(place, ours.length)
          && Arrays.equals(Contents.read(fd, place, ours.length, path), ours)) {
        return Optional.of(new Whereabouts(place, ours));
      }
    }
    return step.offset() == null ? search(fd, size, step, places, neighbours) : Optional.empty();
  }

  /** Looks for what was never made, as far as the record knows, or only in part. */
  private static Optional<Whereabouts> search(
      Fd fd, long size, Undo.BytesAppended step, List<Long> places, Neighbours neighbours)
      throws IOException {
    byte[] ours = Base64.getDecoder().decode(step.bytes());
    String path = step.file().path();
    for (long place : places) {
      long part = size - place;
      if (part > 0 && part < ours.length && neighbours.free(place, (int) part)) {
        byte[] begun = Arrays.copyOf(ours, (int) part);
        if (Arrays.equals(Contents.read(fd, place, (int) part, path), begun)) {
          return Optional.of(new Whereabouts(place, begun));
        }
      }
    }
    long from = places.stream().mapToLong(Long::longValue).min().orElse(0);
    byte[] there = Contents.read(fd, from, (int) Math.clamp(size - from, 0, MOST), path);
    int found = Bytes.indexOf(there, ours, 0);
    while (found >= 0 && !neighbours.free(from + found, ours.length)) {
      found = Bytes.indexOf(there, ours, found + 1);
    }
    return found < 0 ? Optional.empty() : Optional.of(new Whereabouts(from + found, ours));
  }

  /** Where they can be: their offset less what was taken out before it. */
  static List<Long> places(Fd fd, Undo.BytesAppended step, Company company) throws IOException {
    List<Long> places = shifted(step, company);
    unmarked(company, Neighbours.of(fd, company), place(step), places);
    return places;
  }

  /**
   * Their offset less what is marked as taken out before it. Members that left before these bytes
   * came have shifted nothing, so the longest gone are left out one by one.
   */
  private static List<Long> shifted(Undo.BytesAppended step, Company company) {
    long offset = place(step);
    List<Integer> made = new ArrayList<>();
    List<Integer> all = new ArrayList<>();
    for (Company.Member member : company.others()) {
      if (member.undone()
          && member.step() instanceof Undo.BytesAppended other
          && place(other) < offset) {
        all.add(length(other));
        if (other.offset() != null) {
          made.add(length(other));
        }
      }
    }
    List<Long> places = new ArrayList<>();
    shift(offset, made, places);
    shift(offset, all, places);
    return places;
  }

  /** Others may be out already without having been marked so: a death or a full disk. */
  private static void unmarked(
      Company company, Neighbours neighbours, long offset, List<Long> places) {
    Set<Long> sums = new LinkedHashSet<>(List.of(0L));
    for (Company.Member member : company.others()) {
      if (member.step() instanceof Undo.BytesAppended other
          && (member.undone() || neighbours.missing().contains(other))
          && place(other) <= offset
          && sums.size() < MOST_PLACES) {
        List.copyOf(sums).forEach(sum -> sums.add(sum + length(other)));
      }
    }
    sums.stream()
        .map(sum -> offset - sum)
        .filter(place -> place >= 0 && !places.contains(place))
        .forEach(places::add);
  }

  /**
   * Members that are not marked as taken out.
   *
   * @param there where the bytes of those are that have them: from, to
   * @param missing whose bytes are not where they should be
   */
  private record Neighbours(List<Range> there, List<Undo.BytesAppended> missing) {

    static Neighbours of(Fd fd, Company company) throws IOException {
      Neighbours neighbours = new Neighbours(new ArrayList<>(), new ArrayList<>());
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
      byte[] bytes = Base64.getDecoder().decode(step.bytes());
      for (long place : shifted(step, company)) {
        if (Arrays.equals(Contents.read(fd, place, bytes.length, step.file().path()), bytes)) {
          return Optional.of(new Range(place, place + bytes.length));
        }
      }
      return Optional.empty();
    }

    /** Whether nothing here is a neighbour's: equal bytes are not to be taken for ours. */
    boolean free(long place, int length) {
      return there.stream().allMatch(range -> place + length <= range.from || place >= range.to);
    }
  }

  /** A part of the file. */
  private record Range(long from, long to) {}

  private static void shift(long offset, List<Integer> lengths, List<Long> places) {
    long taken = lengths.stream().mapToLong(Integer::longValue).sum();
    for (int left = 0; left <= lengths.size(); left++) {
      if (taken <= offset && !places.contains(offset - taken)) {
        places.add(offset - taken);
      }
      if (left < lengths.size()) {
        taken -= lengths.get(left);
      }
    }
  }

  private static long place(Undo.BytesAppended step) {
    return step.offset() == null ? step.before() : step.offset();
  }

  static int length(Undo.BytesAppended step) {
    return Base64.getDecoder().decode(step.bytes()).length;
  }
}
