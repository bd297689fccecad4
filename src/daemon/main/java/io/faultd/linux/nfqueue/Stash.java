package io.faultd.linux.nfqueue;

import java.util.Arrays;

/** Copies of packets: many places for usual ones, few for large ones. */
final class Stash implements AutoCloseable {
  /** When there is no place. */
  static final int FULL = Pool.FULL;

  private static final int USUAL = 2048;
  private static final int USUAL_PLACES = 32_768;
  private static final int LARGE = 65_536;
  private static final int LARGE_PLACES = 512;

  /** Of so many there is a note from the start: the large ones, and some of the usual. */
  private static final int FIRST = 2 * LARGE_PLACES;

  private final Pool usual = new Pool(USUAL, USUAL_PLACES);
  private final Pool large = new Pool(LARGE, LARGE_PLACES);
  private int[] lengths = new int[FIRST];
  private int[] outputs = new int[FIRST];
  private int[] senders = new int[FIRST];

  /**
   * Keeps a copy of a packet.
   *
   * @param sender who sends it
   * @return its number, or {@link #FULL}
   */
  int put(Packets packet, int sender) {
    boolean big = packet.length() > USUAL;
    int place = (big ? large : usual).take();
    if (place == Pool.FULL) {
      return FULL;
    }
    int number = big ? place : LARGE_PLACES + place;
    if (number >= lengths.length) {
      lengths = Arrays.copyOf(lengths, 2 * lengths.length);
      outputs = Arrays.copyOf(outputs, 2 * outputs.length);
      senders = Arrays.copyOf(senders, 2 * senders.length);
    }
    Pool pool = pool(number);
    packet.region().copy(packet.start(), pool.block(place), pool.offset(place), packet.length());
    lengths[number] = packet.length();
    outputs[number] = packet.output();
    senders[number] = sender;
    return number;
  }

  private Pool pool(int number) {
    return number < LARGE_PLACES ? large : usual;
  }

  private static int place(int number) {
    return number < LARGE_PLACES ? number : number - LARGE_PLACES;
  }

  /** Gives a place back. */
  void remove(int number) {
    pool(number).give(place(number));
  }

  /** Where a copy is. */
  long address(int number) {
    Pool pool = pool(number);
    int place = place(number);
    return pool.block(place).address(pool.offset(place));
  }

  /** How long it is. */
  int length(int number) {
    return lengths[number];
  }

  /** The index of the interface that it was to go out by. */
  int output(int number) {
    return outputs[number];
  }

  /** Who sends it. */
  int sender(int number) {
    return senders[number];
  }

  /** Four bytes of it, as a number in the machine's order. */
  int word(int number, int offset) {
    Pool pool = pool(number);
    int place = place(number);
    return pool.block(place).getInt(pool.offset(place) + offset);
  }

  /** One byte of it. */
  int octet(int number, int offset) {
    Pool pool = pool(number);
    int place = place(number);
    return Byte.toUnsignedInt(pool.block(place).getByte(pool.offset(place) + offset));
  }

  @Override
  public void close() {
    usual.close();
    large.close();
  }
}
