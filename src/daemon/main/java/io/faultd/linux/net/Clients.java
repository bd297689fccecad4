package io.faultd.linux.net;

import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Finds who is connected to a server over TCP within this node. */
public final class Clients {
  private static final int ESTABLISHED = 1;

  private Clients() {}

  /**
   * The processes with a connection to a process, and all whom they descend from, but the server
   * itself and the first process.
   *
   * @param server pid of the process that is connected to
   */
  public static Set<Integer> of(int server, Procfs procfs) throws IOException {
    Set<Integer> clients = new HashSet<>();
    Set<Long> sockets = sockets(server, procfs);
    if (sockets.isEmpty()) {
      return clients;
    }
    Sockets holders = new Sockets(procfs.root());
    for (int pid : procfs.pids()) {
      if (pid != server && holders.holds(pid, sockets)) {
        withAncestors(pid, procfs, clients);
      }
    }
    clients.remove(server);
    return clients;
  }

  private static void withAncestors(int pid, Procfs procfs, Set<Integer> all) {
    int each = pid;
    while (each > 1 && all.add(each)) {
      each = procfs.stat(each).map(Stat::parent).orElse(0);
    }
  }

  /** The other ends of the connections that a process has. */
  private static Set<Long> sockets(int server, Procfs procfs) throws IOException {
    Set<Long> own = inodes(procfs.root().resolve(server + "/fd"));
    Set<Side> wanted = new HashSet<>();
    Set<Long> found = new HashSet<>();
    for (boolean second : new boolean[] {false, true}) {
      for (Sockets.Table table : new Sockets.Table[] {Sockets.Table.TCP, Sockets.Table.TCP6}) {
        for (Sockets.Entry entry : new Sockets(procfs.root()).entries(table)) {
          if (entry.state() != ESTABLISHED || entry.inode() == 0) {
            continue;
          }
          if (!second && own.contains(entry.inode())) {
            wanted.add(new Side(entry.remote(), entry.local()));
          } else if (second && wanted.contains(new Side(entry.local(), entry.remote()))) {
            found.add(entry.inode());
          }
        }
      }
    }
    return found;
  }

  private static Set<Long> inodes(Path descriptors) throws IOException {
    Set<Long> inodes = new HashSet<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
      for (Path each : open) {
        Sockets.inode(each).ifPresent(inodes::add);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return inodes;
  }

  /** A connection as one end sees it. */
  private record Side(InetSocketAddress local, InetSocketAddress remote) {}
}
