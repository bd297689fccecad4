package io.faultd.linux.nft;

import io.faultd.linux.netlink.Message;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A part of a rule. Those that load put a value into the one register that we use; those that test
 * end the rule if it is not as they want; the attributes are those of linux/netfilter/nf_tables.h.
 */
public sealed interface Expression {
  /** The name by which the kernel knows it. */
  String kernelName();

  /** Writes its attributes. */
  void write(Message data);

  /** NFT_REG_1: 16 bytes. */
  int REGISTER = 1;

  /** Facts about a packet that are not in its bytes. */
  enum Fact {
    /** The mark of the packet, in the machine's order. */
    MARK(3),
    /** The name of the interface that it came in by, 16 bytes. */
    INPUT_INTERFACE(6),
    /** The name of the interface that it goes out by, 16 bytes. */
    OUTPUT_INTERFACE(7),
    /** 2 for IPv4, 10 for IPv6, one byte. */
    FAMILY(15),
    /** The protocol above IP, one byte; behind the extension headers of IPv6. */
    PROTOCOL(16);

    private final int key;

    Fact(int key) {
      this.key = key;
    }
  }

  /** The header that an offset counts from. */
  enum Header {
    /** IP. */
    NETWORK(1),
    /** What is above IP; of a fragment that is not the first there is none, so the rule ends. */
    TRANSPORT(2);

    private final int base;

    Header(int base) {
      this.base = base;
    }
  }

  /** How two values are compared: byte by byte, so that numbers must be big-endian. */
  enum Operator {
    /** The same. */
    EQUAL(0),
    /** Not the same. */
    DIFFERENT(1),
    /** Less. */
    LESS(2);

    private final int number;

    Operator(int number) {
      this.number = number;
    }
  }

  /** Loads a fact. */
  record Load(Fact fact) implements Expression {
    @Override
    public String kernelName() {
      return "meta";
    }

    @Override
    public void write(Message data) {
      data.be32(2, fact.key).be32(1, REGISTER);
    }
  }

  /** Loads bytes of the packet. */
  record Payload(Header header, int offset, int length) implements Expression {
    @Override
    public String kernelName() {
      return "payload";
    }

    @Override
    public void write(Message data) {
      data.be32(1, REGISTER).be32(2, header.base).be32(3, offset).be32(4, length);
    }
  }

  /** Tests the loaded value. */
  record Compare(Operator operator, byte[] value) implements Expression {
    @Override
    public String kernelName() {
      return "cmp";
    }

    @Override
    public void write(Message data) {
      data.be32(1, REGISTER).be32(2, operator.number).nest(3, nested -> nested.bytes(1, value));
    }
  }

  /** Tests whether the loaded value is in an interval. */
  record Within(Interval interval) implements Expression {
    @Override
    public String kernelName() {
      return "range";
    }

    @Override
    public void write(Message data) {
      data.be32(1, REGISTER)
          .be32(2, 0)
          .nest(3, from -> from.bytes(1, interval.first()))
          .nest(4, to -> to.bytes(1, interval.last()));
    }
  }

  /**
   * Makes a loaded number of four bytes big-endian: without it a comparison by size compares its
   * lowest byte first, while nft(8) prints the rule as if it were right.
   */
  record BigEndian() implements Expression {
    @Override
    public String kernelName() {
      return "byteorder";
    }

    @Override
    public void write(Message data) {
      data.be32(1, REGISTER).be32(2, REGISTER).be32(3, 1).be32(4, 4).be32(5, 4);
    }
  }

  /** Tests whether the loaded value is in a set, or is not. */
  record Lookup(Values set, boolean inside) implements Expression {
    @Override
    public String kernelName() {
      return "lookup";
    }

    @Override
    public void write(Message data) {
      data.text(1, set.name()).be32(2, REGISTER);
      if (!inside) {
        data.be32(5, 1);
      }
    }
  }

  /** Loads a random number from 0 on, in the machine's order. */
  record Random(int below) implements Expression {
    @Override
    public String kernelName() {
      return "numgen";
    }

    @Override
    public void write(Message data) {
      data.be32(1, REGISTER).be32(2, below).be32(3, 1);
    }
  }

  /** Tests whether bytes occur in a packet, IP header included; needs xt_string. */
  record Contains(byte[] pattern) implements Expression {
    /** XT_STRING_MAX_PATTERN_SIZE. */
    public static final int LONGEST = 128;

    private static final int ALGORITHM = 4;
    private static final int PATTERN = 20;
    private static final int SIZE = 160;

    @Override
    public String kernelName() {
      return "match";
    }

    /** See struct xt_string_info in linux/netfilter/xt_string.h. */
    @Override
    public void write(Message data) {
      ByteBuffer info = ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder());
      info.putShort(2, (short) 0xffff);
      info.put(ALGORITHM, "bm".getBytes(StandardCharsets.US_ASCII));
      info.put(PATTERN, pattern).put(PATTERN + LONGEST, (byte) pattern.length);
      data.text(1, "string").be32(2, 1).bytes(3, info.array());
    }
  }

  /** Counts packets and bytes. */
  record Counter() implements Expression {
    @Override
    public String kernelName() {
      return "counter";
    }

    @Override
    public void write(Message data) {
      // starts at nothing
    }
  }

  /** Says what becomes of the packet. */
  record Verdict(Fate fate) implements Expression {
    /** What can become of it. */
    public enum Fate {
      /** Freed; a program that sends it over UDP is told so by EPERM. */
      DROP(0),
      /** No further rule of this chain is asked. */
      ACCEPT(1);

      private final int code;

      Fate(int code) {
        this.code = code;
      }
    }

    @Override
    public String kernelName() {
      return "immediate";
    }

    @Override
    public void write(Message data) {
      data.be32(1, 0).nest(2, value -> value.nest(2, verdict -> verdict.be32(1, fate.code)));
    }
  }

  /**
   * Sends the packet to another chain, from the end of which it goes on.
   *
   * @param chain of the same table
   */
  record Go(String chain) implements Expression {
    private static final int GOTO = -4;

    @Override
    public String kernelName() {
      return "immediate";
    }

    @Override
    public void write(Message data) {
      data.be32(1, 0)
          .nest(2, value -> value.nest(2, verdict -> verdict.be32(1, GOTO).text(2, chain)));
    }
  }

  /**
   * Hands the packet to a queue.
   *
   * @param number of the queue
   * @param bypass whether the packet goes on if nobody serves the queue; it is freed otherwise,
   *     without a word to who sends it
   * @param way by which part of the kernel
   */
  record Queue(int number, boolean bypass, Way way) implements Expression {
    /** Who queues. */
    public enum Way {
      /** The expression of nf_tables: nft_queue. */
      NATIVE,
      /** The target of x_tables: nft_compat and xt_NFQUEUE. */
      TARGET
    }

    @Override
    public String kernelName() {
      return switch (way) {
        case NATIVE -> "queue";
        case TARGET -> "target";
      };
    }

    @Override
    public void write(Message data) {
      switch (way) {
        case NATIVE -> data.be16(1, number).be16(2, 1).be16(3, bypass ? 1 : 0);
        case TARGET -> {
          // struct xt_NFQ_info_v3
          ByteBuffer info = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
          info.putShort((short) number).putShort((short) 1).putShort((short) (bypass ? 1 : 0));
          data.text(1, "NFQUEUE").be32(2, 3).bytes(3, info.array());
        }
      }
    }
  }

  /** Loads a value and tests whether it is this one. */
  static List<Expression> is(Expression load, byte... value) {
    return List.of(load, new Compare(Operator.EQUAL, value));
  }
}
