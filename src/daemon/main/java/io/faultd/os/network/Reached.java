package io.faultd.os.network;

import io.faultd.linux.net.Listener;
import io.faultd.linux.net.Sockets;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * By what this node is reached: who listens at which port, and whom its kubelet talks to. Kept for
 * as long as the sockets that listen are the same, for to look through all processes takes longer
 * than all else that an injection does.
 *
 * @param among the sockets that listen
 * @param own ports that this process serves
 * @param ssh ports that SSH servers listen at, or systemd for them
 * @param kubelets processes of a kubelet, who listen, too
 */
record Reached(
    List<Listener> among, Set<Integer> own, Set<Integer> ssh, List<ProcessIdentity> kubelets) {
  private static final Set<String> SSH = Set.of("sshd", "dropbear");

  /** Kubelets by themselves and in one program with others. */
  private static final Set<String> KUBELET =
      Set.of("kubelet", "kubelite", "k3s", "k3s-server", "k3s-agent");

  private static final int ESTABLISHED = 1;

  /** The first process of the node, if it is systemd, and its root. */
  private static final int FIRST = 1;

  private static final String SYSTEMD = "systemd";
  private static final Path ROOT = Path.of("/proc/1/root");
  private static volatile Reached last = new Reached(List.of(), Set.of(), Set.of(), List.of());

  /** As it is now. */
  static Reached now() throws IOException {
    List<Listener> all = listeners();
    Reached known = last;
    if (!known.among.equals(all)) {
      known = of(all);
      last = known;
    }
    return known;
  }

  private static Reached of(List<Listener> all) throws IOException {
    Set<Integer> own = ports(all, Sockets.HOST.of((int) ProcessHandle.current().pid()));
    Set<Integer> ssh = new TreeSet<>();
    List<ProcessIdentity> kubelets = new ArrayList<>();
    for (int pid : all.isEmpty() ? List.<Integer>of() : Procfs.HOST.pids()) {
      Optional<Stat> seen = Procfs.HOST.stat(pid);
      String name = seen.map(Stat::name).orElse("");
      if (SSH.contains(name)) {
        ssh.addAll(ports(all, Sockets.HOST.of(pid)));
      } else if (KUBELET.contains(name)) {
        kubelets.add(Procfs.HOST.identity(seen.get()));
      } else if (pid == FIRST && name.equals(SYSTEMD)) {
        Set<Integer> held = ports(all, Sockets.HOST.of(pid));
        if (!held.isEmpty()) { // some may be SSH's, who comes when somebody connects
          ssh.addAll(new SocketUnits(ROOT).ports(SSH, held));
        }
      }
    }
    return new Reached(all, own, ssh, kubelets);
  }

  private static Set<Integer> ports(List<Listener> all, Set<Long> sockets) {
    Set<Integer> ports = new TreeSet<>();
    for (Listener each : all) {
      if (sockets.contains(each.inode())) {
        ports.add(each.port());
      }
    }
    return ports;
  }

  /** The far ends of connections that kubelets have made to elsewhere: of API servers. */
  Set<InetSocketAddress> apiServers() throws IOException {
    Set<Long> sockets = new HashSet<>();
    for (ProcessIdentity each : kubelets) {
      if (Procfs.HOST.stat(each).isPresent()) {
        sockets.addAll(Sockets.HOST.of(each.pid()));
      }
    }
    Set<InetSocketAddress> ends = new HashSet<>();
    if (sockets.isEmpty()) {
      return ends;
    }
    Set<Integer> served = new HashSet<>();
    among.forEach(each -> served.add(each.port()));
    for (Sockets.Table table : List.of(Sockets.Table.TCP, Sockets.Table.TCP6)) {
      for (Sockets.Entry each : Sockets.HOST.entries(table)) {
        InetAddress far = each.remote().getAddress();
        if (each.state() == ESTABLISHED
            && sockets.contains(each.inode())
            && !served.contains(each.local().getPort())
            && !far.isLoopbackAddress()) {
          ends.add(each.remote());
        }
      }
    }
    return ends;
  }

  private static List<Listener> listeners() throws IOException {
    try {
      return Listener.all();
    } catch (IOException unable) { // a kernel without sock_diag
      List<Listener> listeners = new ArrayList<>();
      for (Sockets.Table table : List.of(Sockets.Table.TCP, Sockets.Table.TCP6)) {
        for (Sockets.Entry entry : Sockets.HOST.entries(table)) {
          if (entry.listening()) {
            listeners.add(new Listener(entry.local().getPort(), entry.inode()));
          }
        }
      }
      return listeners;
    }
  }
}
