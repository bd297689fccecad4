package io.faultd.linux.tc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A program of the packet filter (classic BPF, linux/filter.h), being written: instructions that
 * jump forward to labels.
 *
 * <p>Packets are read from their network header on, whatever link they go over. One that is too
 * short for a read matches nothing: the kernel then ends the program with 0.
 */
public final class Program {
  /** SKF_NET_OFF: reads from the network header on. */
  private static final int NETWORK = -0x100000;

  /** SKF_AD_OFF + SKF_AD_PROTOCOL: the Ethernet type, whatever the link. */
  private static final int PROTOCOL = -0x1000;

  /** SKF_AD_OFF + SKF_AD_IFINDEX. */
  private static final int INTERFACE = -0x1000 + 8;

  /** Begins a note; no packet is compared with it, for notes are passed over. */
  private static final int NOTE = 0xfa177074;

  private static final int LONGEST = 4096;
  private static final int JUMP = 0x05;
  private static final int FARTHEST = 255;

  private final List<Instruction> code = new ArrayList<>();
  private final Map<String, Integer> labels = new HashMap<>();

  /** One instruction; jumps name labels, empty for the next instruction. */
  private record Instruction(int code, int value, String yes, String no) {}

  /** How wide a read is. */
  public enum Width {
    /** Four bytes. */
    WORD(0x00),
    /** Two bytes. */
    HALF(0x08),
    /** One byte. */
    BYTE(0x10);

    private final int bits;

    Width(int bits) {
      this.bits = bits;
    }
  }

  private Program add(int instruction, int value) {
    code.add(new Instruction(instruction, value, "", ""));
    return this;
  }

  /** A = the Ethernet type. */
  public Program type() {
    return add(0x28, PROTOCOL);
  }

  /** A = the index of the interface. */
  public Program interfaceIndex() {
    return add(0x20, INTERFACE);
  }

  /** A = what is there in the network header. */
  public Program load(Width width, int offset) {
    return add(0x20 | width.bits, NETWORK + offset);
  }

  /** A = what is X behind there. */
  public Program loadBehind(Width width, int offset) {
    return add(0x40 | width.bits, NETWORK + offset);
  }

  /** X = the length of an IPv4 header. */
  public Program headerLength() {
    return add(0xb1, NETWORK);
  }

  /** A = a number. */
  public Program constant(int value) {
    return add(0x00, value);
  }

  /** X = a number. */
  public Program constantX(int value) {
    return add(0x01, value);
  }

  /** A = a cell of memory. */
  public Program recall(int cell) {
    return add(0x60, cell);
  }

  /** A cell of memory = A. */
  public Program keep(int cell) {
    return add(0x02, cell);
  }

  /** A = A and a number. */
  public Program and(int value) {
    return add(0x54, value);
  }

  /** A = A or a number. */
  public Program or(int value) {
    return add(0x44, value);
  }

  /** A = A and a number more. */
  public Program more(int value) {
    return add(0x04, value);
  }

  /** A = A and X together. */
  public Program moreX() {
    return add(0x0c, 0);
  }

  /** A = A, shifted to the left. */
  public Program left(int bits) {
    return add(0x64, bits);
  }

  /** A = X. */
  public Program fromX() {
    return add(0x87, 0);
  }

  /** A = A or X. */
  public Program orX() {
    return add(0x4c, 0);
  }

  /** X = A. */
  public Program toX() {
    return add(0x07, 0);
  }

  /** On, if A is the number, else to the label. */
  public Program unlessEqual(int value, String label) {
    code.add(new Instruction(0x15, value, "", label));
    return this;
  }

  /** To the label, if A is the number, else on. */
  public Program ifEqual(int value, String label) {
    code.add(new Instruction(0x15, value, label, ""));
    return this;
  }

  /** To the label, if A, unsigned, is more than the number, else on. */
  public Program ifAbove(int value, String label) {
    code.add(new Instruction(0x25, value, label, ""));
    return this;
  }

  /** On, if A, unsigned, is the number or more, else to the label. */
  public Program unlessAtLeast(int value, String label) {
    code.add(new Instruction(0x35, value, "", label));
    return this;
  }

  /** To the label, if A has any of these bits, else on. */
  public Program ifAny(int bits, String label) {
    code.add(new Instruction(0x45, bits, label, ""));
    return this;
  }

  /** To the label. */
  public Program go(String label) {
    code.add(new Instruction(JUMP, 0, label, ""));
    return this;
  }

  /** Ends with A. */
  public Program result() {
    return add(0x16, 0);
  }

  /** Here is the label, further down than all jumps to it. */
  public Program label(String name) {
    if (labels.put(name, code.size()) != null) {
      throw new IllegalArgumentException("label " + name + " is here twice");
    }
    return this;
  }

  /** Text that is passed over, for whoever reads the program later: see {@link #notes}. */
  public Program note(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int words = (bytes.length + Integer.BYTES - 1) / Integer.BYTES;
    ByteBuffer padded = ByteBuffer.allocate(words * Integer.BYTES).put(bytes).rewind();
    String past = "past note " + code.size();
    go(past).constant(NOTE).constant(words);
    while (padded.hasRemaining()) {
      constant(padded.getInt());
    }
    return label(past);
  }

  /**
   * The notes in a program.
   *
   * @param machine its instructions as this machine has them
   */
  static List<String> notes(byte[] machine) {
    ByteBuffer all = ByteBuffer.wrap(machine).order(ByteOrder.nativeOrder());
    List<String> notes = new ArrayList<>();
    int count = machine.length / Long.BYTES;
    for (int at = 0; at + 1 < count; at++) {
      if (all.getShort(at * Long.BYTES) != 0 || all.getInt(at * Long.BYTES + 4) != NOTE) {
        continue;
      }
      int words = Math.min(all.getInt((at + 1) * Long.BYTES + 4), count - at - 2);
      ByteBuffer text = ByteBuffer.allocate(Math.max(0, words) * Integer.BYTES);
      for (int word = 0; word < words; word++) {
        text.putInt(all.getInt((at + 2 + word) * Long.BYTES + 4));
      }
      notes.add(new String(text.array(), StandardCharsets.US_ASCII).replace("\0", ""));
    }
    return notes;
  }

  /** The bytes of another program that leaves nothing open, as they are. */
  public Program include(byte[] other) {
    ByteBuffer bytes = ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.remaining() >= Long.BYTES) {
      int instruction = bytes.getShort();
      int jumps = bytes.getShort();
      // told apart from our own by a label that is none
      code.add(new Instruction(instruction | jumps << 16, bytes.getInt(), "", ""));
    }
    return this;
  }

  /** How many instructions there are. */
  public int size() {
    return code.size();
  }

  /** Whether the kernel takes so many. */
  boolean fits() {
    return code.size() <= LONGEST;
  }

  /**
   * The instructions, 8 bytes each: the same on all machines.
   *
   * @throws IllegalStateException if the kernel would not take so many
   */
  public byte[] bytes() {
    return assembled(ByteOrder.LITTLE_ENDIAN);
  }

  /** The instructions as this machine has them. */
  byte[] machine() {
    return assembled(ByteOrder.nativeOrder());
  }

  private byte[] assembled(ByteOrder order) {
    if (!fits()) {
      throw new IllegalStateException("a program of " + code.size() + " instructions");
    }
    ByteBuffer bytes = ByteBuffer.allocate(code.size() * 8).order(order);
    for (int at = 0; at < code.size(); at++) {
      Instruction each = code.get(at);
      bytes.putShort((short) each.code);
      if (each.code == JUMP && !each.yes.isEmpty()) {
        bytes.putShort((short) 0).putInt(distance(each.yes, at));
        continue;
      }
      int jumps = each.code >>> 16;
      bytes.put(jump(each.yes, at, jumps & 0xff)).put(jump(each.no, at, jumps >>> 8));
      bytes.putInt(each.value);
    }
    return bytes.array();
  }

  private byte jump(String label, int from, int otherwise) {
    int distance = label.isEmpty() ? otherwise : distance(label, from);
    if (distance > FARTHEST) {
      throw new IllegalStateException(label + " is " + distance + " instructions away");
    }
    return (byte) distance;
  }

  private int distance(String label, int from) {
    Integer to = labels.get(label);
    if (to == null || to <= from) {
      throw new IllegalStateException("no label " + label + " behind instruction " + from);
    }
    return to - from - 1;
  }
}
