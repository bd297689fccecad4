package io.faultd.linux.tc;

import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Attributes;
import io.faultd.linux.netlink.Attributes.Attribute;
import io.faultd.linux.netlink.Message;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A qdisc, class or filter as the kernel told it (struct tcmsg and attributes, linux/rtnetlink.h),
 * without what only counts.
 *
 * @param sort which of the three
 * @param handle its own: MAJOR:0 of a qdisc, MAJOR:MINOR of a class
 * @param parent what it hangs on; {@link #ROOT} for the root
 * @param info of a filter, priority and protocol; of a class, the handle of the qdisc in it
 * @param kind htb, u32, ...
 * @param attributes all others, as bytes
 */
record Thing(Sort sort, int handle, int parent, int info, String kind, byte[] attributes) {
  /** TC_H_ROOT. */
  static final int ROOT = 0xffffffff;

  /** TC_H_INGRESS, where ingress and clsact hang. */
  static final int INGRESS = 0xfffffff1;

  /** Of struct tcmsg, in bytes. */
  static final int HEADER = 20;

  static final int TCA_KIND = 1;
  static final int TCA_OPTIONS = 2;
  private static final int TCA_STATS = 3;
  private static final int TCA_XSTATS = 4;
  private static final int TCA_FCNT = 6;
  private static final int TCA_STATS2 = 7;
  private static final int TCA_PAD = 9;
  private static final int TCA_HW_OFFLOAD = 12;
  private static final int TCA_EXT_WARN_MSG = 16;
  private static final Set<Integer> PASSING =
      Set.of(
          TCA_KIND,
          TCA_STATS,
          TCA_XSTATS,
          TCA_FCNT,
          TCA_STATS2,
          TCA_PAD,
          TCA_HW_OFFLOAD,
          TCA_EXT_WARN_MSG);

  /** Which of the three, with its messages (RTM_NEW..., RTM_DEL..., RTM_GET...). */
  enum Sort {
    /** A queueing discipline. */
    QDISC(36),
    /** A class of a classful one. */
    CLASS(40),
    /** A filter. */
    FILTER(44);

    private final int making;

    Sort(int making) {
      this.making = making;
    }

    /** The message that makes one, and tells of one. */
    int made() {
      return making;
    }

    /** The message that deletes one. */
    int deleting() {
      return making + 1;
    }

    /** The message that asks for them. */
    int asking() {
      return making + 2;
    }
  }

  /** What an answer tells. */
  static Thing of(Sort sort, Answer answer) {
    ByteBuffer header = answer.header();
    Attributes all = answer.attributes(HEADER);
    String kind = all.text(TCA_KIND);
    List<Attribute> kept = new ArrayList<>();
    for (Attribute each : all.all()) {
      if (each.type() == TCA_OPTIONS) {
        byte[] options = Options.lasting(sort, kind, each.value());
        kept.add(new Attribute(each.type(), each.marked(), options));
      } else if (!PASSING.contains(each.type())) {
        kept.add(each);
      }
    }
    // of a qdisc it counts references
    int info = sort == Sort.QDISC ? 0 : header.getInt(16);
    return new Thing(
        sort, header.getInt(8), header.getInt(12), info, kind, Attributes.written(kept));
  }

  /** Attributes being written. */
  static byte[] attributes(Consumer<Message> content) {
    return Message.content(content);
  }

  /** The same, if nothing is known of what is in it. */
  Thing withoutInfo() {
    return new Thing(sort, handle, parent, 0, kind, attributes);
  }

  /** The qdisc that it belongs to, by its handle. */
  int major() {
    return handle & 0xffff0000;
  }

  /** The qdisc that its parent is or belongs to. */
  int parentMajor() {
    return parent & 0xffff0000;
  }

  /** Its bytes for the journal. */
  String encoded() {
    byte[] name = kind.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(14 + name.length + attributes.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) sort.ordinal()).putInt(handle).putInt(parent).putInt(info);
    bytes.put((byte) name.length).put(name).put(attributes);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  /** Reads {@link #encoded}. */
  static Thing decoded(String text) {
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
    Sort sort = Sort.values()[bytes.get()];
    int handle = bytes.getInt();
    int parent = bytes.getInt();
    int info = bytes.getInt();
    byte[] name = new byte[bytes.get()];
    bytes.get(name);
    byte[] attributes = new byte[bytes.remaining()];
    bytes.get(attributes);
    String kind = new String(name, java.nio.charset.StandardCharsets.UTF_8);
    return new Thing(sort, handle, parent, info, kind, attributes);
  }

  /** As tc(8) calls it. */
  String describe() {
    String id =
        sort == Sort.FILTER
            ? "pref " + (info >>> 16)
            : "%x:%s".formatted(handle >>> 16, sort == Sort.QDISC ? "" : minor());
    return sort.name().toLowerCase(java.util.Locale.ROOT) + " " + kind + " " + id;
  }

  private String minor() {
    return Integer.toHexString(handle & 0xffff);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Thing thing
        && sort == thing.sort
        && handle == thing.handle
        && parent == thing.parent
        && info == thing.info
        && kind.equals(thing.kind)
        && Arrays.equals(attributes, thing.attributes);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * handle + parent) + Arrays.hashCode(attributes);
  }

  @Override
  public String toString() {
    return describe();
  }
}
