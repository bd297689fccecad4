package io.faultd.linux.tc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.linux.netlink.Attributes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
  private static final int LIMIT = 2;

  private static byte[] option(int type, long value) {
    byte[] bytes =
        ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt((int) value).array();
    return Attributes.written(List.of(new Attributes.Attribute(type, false, bytes)));
  }

  private static long value(byte[] options, int type) {
    return Attributes.of(options, 0).u32(type);
  }

  /** What codel_init and codel_change do with microseconds, and codel_dump with what they kept. */
  private static long kept(long micros) {
    return micros * 1000 >> 10;
  }

  private static long dumped(long kept) {
    return (kept << 10) / 1000;
  }

  @ParameterizedTest
  @CsvSource({"codel, 1", "codel, 3", "codel, 5", "fq_codel, 1", "fq_codel, 3", "fq_codel, 7"})
  void aTimeThatTheKernelToldIsTheSameWhenItIsToldAgain(String kind, int type) {
    for (long kept = 0; kept < 2_000_000; kept += kept < 20_000 ? 1 : 997) {
      byte[] options = option(type, dumped(kept));
      long told = value(Options.lasting(Thing.Sort.QDISC, kind, options), type);
      assertEquals(kept, kept(told));
    }
  }

  @Test
  void theLimitThatSfqHasByItselfIsNotTold() {
    ByteBuffer options = ByteBuffer.allocate(68).order(ByteOrder.nativeOrder());
    options.putInt(0, 1514).putInt(4, 10).putInt(8, 127).putInt(12, 1024).putInt(16, 128);
    byte[] told = Options.lasting(Thing.Sort.QDISC, "sfq", options.array());
    assertArrayEquals(options.putInt(8, 0).array(), told);
    options.putInt(8, 100);
    assertArrayEquals(options.array(), Options.lasting(Thing.Sort.QDISC, "sfq", options.array()));
  }

  @Test
  void whatIsNoTimeStaysAsItIs() {
    byte[] limit = option(LIMIT, 4999);
    assertArrayEquals(limit, Options.lasting(Thing.Sort.QDISC, "fq_codel", limit));
    assertArrayEquals(limit, Options.lasting(Thing.Sort.CLASS, "fq_codel", limit));
  }
}
