package io.faultd.linux.net;

import io.faultd.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The sockets of the daemon's network namespace, as /proc/net tells them (proc(5)); read anew by
 * each call.
 */
public final class Sockets {
  /** Those of this node. */
  public static final Sockets HOST = new Sockets(Path.of("/proc"));

  /** The table is not read at one instant: a line can be missed while others come and go. */
  private static final int TRIES = 3;

  private final Path root;

  /**
   * Those of a procfs that is mounted at {@code root}, or, with the folder of a process for it, of
   * that process's network.
   */
  public Sockets(Path root) {
    this.root = root;
  }

  /** A table of the kernel. */
  public enum Table {
    /** TCP over IPv4. */
    TCP("tcp"),
    /** TCP over IPv6, and over IPv4 by sockets that can do both. */
    TCP6("tcp6"),
    /** UDP over IPv4. */
    UDP("udp"),
    /** UDP over IPv6, and over IPv4 by sockets that can do both. */
    UDP6("udp6");

    private final String file;

    Table(String file) {
      this.file = file;
    }
  }

  /**
   * A socket.
   *
   * @param local its own side
   * @param remote the other side; port 0 if it has none
   * @param state of net/tcp_states.h: 1 established, 10 listening; 7 for an unconnected UDP socket
   * @param uid who made it; 0 too if it is closed
   * @param inode of the socket; 0 if it is closed
   */
  public record Entry(
      InetSocketAddress local, InetSocketAddress remote, int state, long uid, long inode) {
    private static final int LISTEN = 10;

    /** Whether it waits for connections. */
    public boolean listening() {
      return state == LISTEN;
    }
  }

  /**
   * Who is at the other end of a connection within this node.
   *
   * @param uid who made the socket
   * @param inode of the socket
   */
  public record Peer(long uid, long inode) {}

  /** All sockets of a table; none if the kernel has no such table. */
  public List<Entry> entries(Table table) throws IOException {
    List<Entry> entries = new ArrayList<>();
    scan(
        table,
        line -> {
          entries.add(line.entry());
          return false;
        });
    return entries;
  }

  /**
   * The sockets that serve a local port: listening TCP sockets and bound UDP sockets.
   *
   * @return their inodes
   */
  public Set<Long> serving(Collection<Integer> ports) throws IOException {
    Set<Long> inodes = new TreeSet<>();
    for (Table table : Table.values()) {
      boolean tcp = table == Table.TCP || table == Table.TCP6;
      for (Entry entry : entries(table)) {
        boolean serves = tcp ? entry.listening() : entry.remote().getPort() == 0;
        if (serves && entry.inode() != 0 && ports.contains(entry.local().getPort())) {
          inodes.add(entry.inode());
        }
      }
    }
    return inodes;
  }

  /** Whether a process has one of these sockets open; false if the process is gone. */
  public boolean holds(int pid, Set<Long> inodes) {
    try (DirectoryStream<Path> open = Files.newDirectoryStream(root.resolve(pid + "/fd"))) {
      for (Path each : open) {
        if (isSocket(each, inodes)) {
          return true;
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException gone) {
      return false;
    }
    return false;
  }

  /** The sockets that a process has open, by their inodes; none if the process is gone. */
  public Set<Long> of(int pid) {
    Set<Long> inodes = new TreeSet<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(root.resolve(pid + "/fd"))) {
      for (Path each : open) {
        inode(each).ifPresent(inodes::add);
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException gone) {
      return Set.of();
    }
    return inodes;
  }

  private static boolean isSocket(Path descriptor, Set<Long> inodes) {
    return inode(descriptor).filter(inodes::contains).isPresent();
  }

  /** The inode of the socket that a descriptor in procfs is, if it is one. */
  static Optional<Long> inode(Path descriptor) {
    try {
      String link = Files.readSymbolicLink(descriptor).toString();
      return link.startsWith("socket:[")
          ? Optional.of(Long.valueOf(link.substring(8, link.length() - 1)))
          : Optional.empty();
    } catch (IOException closed) {
      return Optional.empty();
    }
  }

  /**
   * The client's socket of a TCP connection within this node.
   *
   * @param client address and port of the client
   * @param server address and port that it is connected to
   * @return empty if there is none, or it is closed already: nobody, and not root
   */
  public Optional<Peer> peer(InetSocketAddress client, InetSocketAddress server)
      throws IOException {
    try {
      if (root.equals(HOST.root)
          && client.getAddress().getClass() == server.getAddress().getClass()) {
        return SocketQuery.connected(client, server);
      }
    } catch (LinuxException unable) {
      // a kernel without that interface, or a filter of system calls
      return listed(client, server);
    }
    return listed(client, server);
  }

  /** The same out of the tables, with no more than a procfs. */
  Optional<Peer> listed(InetSocketAddress client, InetSocketAddress server) throws IOException {
    for (int tries = 0; tries < TRIES; tries++) {
      for (Table table : List.of(Table.TCP, Table.TCP6)) {
        Optional<Peer> peer = peer(table, client, server);
        if (peer.isPresent()) {
          return peer;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Peer> peer(Table table, InetSocketAddress client, InetSocketAddress server)
      throws IOException {
    boolean wide = table == Table.TCP6;
    if (!wide && !(client.getAddress() instanceof Inet4Address)) {
      return Optional.empty();
    }
    byte[] wanted =
        (hex(client, wide) + " " + hex(server, wide)).getBytes(StandardCharsets.US_ASCII);
    Peer[] found = new Peer[1];
    scan(
        table,
        line -> {
          if (!line.starts(wanted)) {
            return false;
          }
          Entry entry = line.entry();
          if (entry.inode() == 0 || entry.listening()) {
            return false;
          }
          found[0] = new Peer(entry.uid(), entry.inode());
          return true;
        });
    return Optional.ofNullable(found[0]);
  }

  /** Shows each line to {@code until}, which ends the reading. */
  private void scan(Table table, Predicate<Line> until) throws IOException {
    try (InputStream file = Files.newInputStream(root.resolve("net/" + table.file))) {
      Line line = new Line(table == Table.TCP6 || table == Table.UDP6);
      byte[] buffer = new byte[8192];
      int kept = 0;
      boolean head = true;
      for (int got; (got = file.read(buffer, kept, buffer.length - kept)) > 0; ) {
        int end = kept + got;
        int start = 0;
        for (int i = kept; i < end; i++) {
          if (buffer[i] == '\n') {
            if (!head && until.test(line.at(buffer, start, i))) {
              return;
            }
            head = false;
            start = i + 1;
          }
        }
        kept = end - start;
        System.arraycopy(buffer, start, buffer, 0, kept);
      }
    } catch (NoSuchFileException noSuchTable) {
      // a kernel without IPv6
      return;
    }
  }

  /** An address as the kernel prints it: each word of 4 bytes as a number in its own order. */
  private static String hex(InetSocketAddress side, boolean wide) {
    byte[] address = side.getAddress().getAddress();
    ByteBuffer words = ByteBuffer.allocate(wide ? 16 : 4).order(ByteOrder.nativeOrder());
    if (wide && address.length == 4) {
      words.put(10, (byte) 0xff).put(11, (byte) 0xff).put(12, address);
    } else {
      words.put(0, address);
    }
    StringBuilder text = new StringBuilder(37);
    while (words.hasRemaining()) {
      text.append("%08X".formatted(words.getInt()));
    }
    return text.append(":%04X".formatted(side.getPort())).toString();
  }

  /** One line of a table, where it lies in the buffer. */
  private static final class Line {
    private final int addressDigits;
    private byte[] buffer = new byte[0];
    private int start;
    private int end;

    Line(boolean wide) {
      this.addressDigits = wide ? 32 : 8;
    }

    Line at(byte[] newBuffer, int newStart, int newEnd) {
      buffer = newBuffer;
      start = newStart;
      end = newEnd;
      // the line's number
      while (buffer[start] != ':') {
        start++;
      }
      start += 2;
      return this;
    }

    boolean starts(byte[] wanted) {
      return start + wanted.length <= end
          && java.util.Arrays.equals(
              buffer, start, start + wanted.length, wanted, 0, wanted.length);
    }

    Entry entry() {
      String[] parts =
          new String(buffer, start, end - start, StandardCharsets.US_ASCII).split(" +", 10);
      return new Entry(
          side(parts[0]),
          side(parts[1]),
          Integer.parseInt(parts[2], 16),
          Long.parseLong(parts[6]),
          Long.parseLong(parts[8].strip()));
    }

    private InetSocketAddress side(String text) {
      ByteBuffer words = ByteBuffer.allocate(addressDigits / 2).order(ByteOrder.nativeOrder());
      for (int at = 0; at < addressDigits; at += 8) {
        words.putInt(Integer.parseUnsignedInt(text, at, at + 8, 16));
      }
      int port = Integer.parseInt(text, addressDigits + 1, text.length(), 16);
      try {
        // an address of IPv4 in one of IPv6 becomes one of IPv4
        return new InetSocketAddress(InetAddress.getByAddress(words.array()), port);
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException(text, e);
      }
    }
  }
}
