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
    List<Long> places = places(step, company);
    for (long place : places) {
      if (Arrays.equals(Contents.read(fd, place, ours.length, path), ours)) {
        return Optional.of(new Whereabouts(place, ours));
      }
    }
    return step.offset() == null ? search(fd, size, ours, places, path) : Optional.empty();
  }

  /** Looks for what was never made, as far as the record knows, or only in part. */
  private static Optional<Whereabouts> search(
      Fd fd, long size, byte[] ours, List<Long> places, String path) throws IOException {
    for (long place : places) {
      long part = size - place;
      if (part > 0 && part < ours.length) {
        byte[] begun = Arrays.copyOf(ours, (int) part);
        if (Arrays.equals(Contents.read(fd, place, (int) part, path), begun)) {
          return Optional.of(new Whereabouts(place, begun));
        }
      }
    }
    long from = places.stream().mapToLong(Long::longValue).min().orElse(0);
    int length = (int) Math.clamp(size - from, 0, MOST);
    int found = Bytes.indexOf(Contents.read(fd, from, length, path), ours);
    return found < 0 ? Optional.empty() : Optional.of(new Whereabouts(from + found, ours));
  }

  /**
   * Where they can be: their offset less what was taken out before it. Members that left before
   * these bytes came have shifted nothing, so the longest gone are left out one by one.
   */
  static List<Long> places(Undo.BytesAppended step, Company company) {
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
    unmarked(company, offset, places);
    return places;
  }

  /** Others may be out already without having been marked so: a death or a full disk. */
  private static void unmarked(Company company, long offset, List<Long> places) {
    Set<Long> sums = new LinkedHashSet<>(List.of(0L));
    for (Company.Member member : company.others()) {
      if (member.step() instanceof Undo.BytesAppended other
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
