package io.faultd.linux.nft;

import io.faultd.linux.netlink.Batch;
import io.faultd.linux.netlink.Message;
import java.util.List;

/** Changes of nf_tables that are made all at once or not at all. */
public final class Transaction {
  private static final int SUBSYSTEM = 10;
  private static final int BATCH_BEGIN = 0x10;
  private static final int BATCH_END = 0x11;
  private static final int NEW_TABLE = 0;
  private static final int DELETE_TABLE = 2;
  private static final int NEW_CHAIN = 3;
  private static final int NEW_RULE = 6;
  private static final int NEW_SET = 9;
  private static final int NEW_ELEMENTS = 12;

  /** NFT_TABLE_F_OWNER, since Linux 5.12. */
  private static final int OWNER = 2;

  private static final int CONSTANT = 2;
  private static final int INTERVAL = 4;
  private static final int INTERVAL_END = 1;

  /** The length of a list is told in 16 bits. */
  private static final int ELEMENTS_AT_ONCE = 500;

  private final Batch batch = new Batch();
  private int sets;

  /** No changes yet. */
  public Transaction() {
    header(batch.silent("begin", BATCH_BEGIN, 0), 0, SUBSYSTEM);
  }

  /** A table that nobody else may change, and that ends with the socket it is made by. */
  public Transaction table(String name) {
    message("make table " + name, NEW_TABLE, Batch.CREATE | Batch.EXCLUSIVE)
        .text(1, name)
        .be32(2, OWNER);
    return this;
  }

  /** Takes a table away with all that is in it. */
  public Transaction delete(Table table) {
    header(batch.silent("delete table " + table.name(), type(DELETE_TABLE), 0), table.family(), 0)
        .text(1, table.name());
    return this;
  }

  /**
   * A chain that the kernel asks; what comes to its end goes on.
   *
   * @param priority the lowest is asked first; of equal ones, the one made first
   */
  public Transaction chain(String table, String name, Hook hook, int priority) {
    chainMessage(table, name)
        .nest(4, where -> where.be32(1, hook.number()).be32(2, priority))
        .be32(5, 1)
        .text(7, "filter");
    return this;
  }

  /** A chain that nobody asks, unless a rule sends packets there. */
  public Transaction chain(String table, String name) {
    chainMessage(table, name);
    return this;
  }

  private Message chainMessage(String table, String name) {
    return message("make chain " + name, NEW_CHAIN, Batch.CREATE | Batch.EXCLUSIVE)
        .text(1, table)
        .text(3, name);
  }

  /** A set and its values, before the rules that look them up. */
  public Transaction set(String table, Values values) {
    Values.Type type = values.type();
    boolean ranged = values.ranged();
    int id = ++sets;
    message("make set " + values.name(), NEW_SET, Batch.CREATE | Batch.EXCLUSIVE)
        .text(1, table)
        .text(2, values.name())
        .be32(3, CONSTANT | (ranged ? INTERVAL : 0))
        .be32(4, type.number())
        .be32(5, type.length())
        .be32(10, id);
    List<Interval> all = values.intervals();
    for (int from = 0; from < all.size(); from += ELEMENTS_AT_ONCE) {
      List<Interval> some = all.subList(from, Math.min(all.size(), from + ELEMENTS_AT_ONCE));
      message("fill set " + values.name(), NEW_ELEMENTS, Batch.CREATE)
          .text(1, table)
          .text(2, values.name())
          .be32(4, id)
          .nest(3, list -> some.forEach(each -> element(list, each, ranged)));
    }
    return this;
  }

  private static void element(Message list, Interval interval, boolean ranged) {
    list.nest(1, first -> first.nest(1, key -> key.bytes(1, interval.first())));
    if (ranged && !interval.endless()) {
      list.nest(1, end -> end.nest(1, key -> key.bytes(1, interval.end())).be32(3, INTERVAL_END));
    }
  }

  /** A rule behind those of its chain. */
  public Transaction rule(String table, String chain, List<Expression> parts) {
    message("make rule in " + chain, NEW_RULE, Batch.CREATE | Batch.APPEND)
        .text(1, table)
        .text(2, chain)
        .nest(
            4,
            list ->
                parts.forEach(part ->
                    list.nest(1, each -> each.text(1, part.kernelName()).nest(2, part::write))));
    return this;
  }

  /** What is sent. The kernel tells of each change that it refuses, and when all are made. */
  Batch batch() {
    batch.acknowledgeLast();
    header(batch.silent("end", BATCH_END, 0), 0, SUBSYSTEM);
    return batch;
  }

  private Message message(String what, int kind, int flags) {
    return header(batch.silent(what, type(kind), flags), Table.INET, 0);
  }

  static int type(int kind) {
    return SUBSYSTEM << 8 | kind;
  }

  /** See struct nfgenmsg in linux/netfilter/nfnetlink.h. */
  static Message header(Message message, int family, int resource) {
    return message.put8(family).put8(0).putBe16(resource);
  }
}
