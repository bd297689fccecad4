package io.faultd.testing;

import io.faultd.linux.ns.Inside;
import io.faultd.linux.ns.Network;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A second network namespace, joined to the test's own by a pair of interfaces.
 *
 * <pre>
 *   here: the test's JVM               far: its sockets only
 *   fa  10.77.0.1  fd77::1  ────────  fb  10.77.0.2  10.77.0.3  fd77::2
 * </pre>
 */
public final class Cable implements AutoCloseable {
  /** This side's interface. */
  public static final String NEAR_INTERFACE = "fa";

  public static final String NEAR = "10.77.0.1";
  public static final String FAR = "10.77.0.2";
  public static final String FAR_OTHER = "10.77.0.3";
  public static final String NEAR_6 = "fd77::1";
  public static final String FAR_6 = "fd77::2";

  /** Longer than any answer takes on a machine that is not asleep. */
  private static final int PATIENCE_MILLIS = 400;

  private static final int BETWEEN_MILLIS = 50;
  private static final int BURST = 500;

  private final Process holder;
  private final Network far;
  private final List<DatagramSocket> sockets = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  private Cable(Process holder, Network far) {
    this.holder = holder;
    this.far = far;
  }

  /** Makes the namespace and the interfaces. */
  public static Cable open() throws Exception {
    Process holder = new ProcessBuilder("unshare", "--net", "sleep", "1000").start();
    int pid = (int) holder.pid();
    Eventually.eventually(
        "a namespace",
        () -> Procfs.HOST.stat(pid).filter(stat -> stat.name().equals("sleep")).isPresent());
    Cable cable = new Cable(holder, Network.open("/proc/" + pid + "/ns/net"));
    run(
        """
        ip link set lo up
        ip link add fa type veth peer name fb netns %d
        ip addr add 10.77.0.1/24 dev fa
        ip addr add fd77::1/64 dev fa nodad
        ip link set fa up
        """
            .formatted(pid));
    cable.runFar(
        """
        ip link set lo up
        ip addr add 10.77.0.2/24 dev fb
        ip addr add 10.77.0.3/24 dev fb
        ip addr add fd77::2/64 dev fb nodad
        ip link set fb up
        """);
    return cable;
  }

  /** The nsfs file of the far namespace. */
  public String network() {
    return far.path();
  }

  /** Does something in the far namespace. */
  public <T> T far(Inside.Work<T> work) throws IOException {
    return far.inside(work);
  }

  /** Runs commands in this namespace; what they print. */
  public static String run(String commands) throws Exception {
    return run(List.of("sh", "-e", "-c", commands));
  }

  /** Runs commands in the far namespace; what they print. */
  public String runFar(String commands) throws Exception {
    return run(
        List.of("nsenter", "--net=/proc/" + holder.pid() + "/ns/net", "sh", "-e", "-c", commands));
  }

  private static String run(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(command + ": " + output);
    }
    return output;
  }

  /** Answers each datagram to this port of the far side with the same bytes. */
  public Cable echo(int port) throws IOException {
    DatagramSocket socket = far(() -> new DatagramSocket(new InetSocketAddress("::", port)));
    sockets.add(socket);
    threads.add(Thread.ofPlatform().daemon().name("echo " + port).start(() -> answer(socket)));
    return this;
  }

  private static void answer(DatagramSocket socket) {
    DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
    while (true) {
      try {
        packet.setLength(65_536);
        socket.receive(packet);
        socket.send(packet);
      } catch (SocketException closed) {
        if (socket.isClosed()) {
          return;
        }
      } catch (IOException lost) {
        continue;
      }
    }
  }

  /** Whether a datagram to an echo and its answer arrive. */
  public boolean answers(String address, int port) throws IOException {
    return answers(0, address, port, "hello");
  }

  /** The same from a port of this side (0: any), with these bytes. */
  public boolean answers(int from, String address, int port, String text) throws IOException {
    try (DatagramSocket socket = new DatagramSocket(from)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      socket.send(
          new DatagramPacket(bytes, bytes.length, InetAddress.getByName(address), port));
      DatagramPacket answer = new DatagramPacket(new byte[65_536], 65_536);
      socket.receive(answer);
      return answer.getLength() == bytes.length;
    } catch (SocketTimeoutException lost) {
      return false;
    }
  }

  /** How many percent of datagrams to a port of the far side are lost. */
  public double lost(String address, int port, int packets) throws Exception {
    try (DatagramSocket socket = far(() -> new DatagramSocket(new InetSocketAddress("::", port)));
        DatagramSocket sender = new DatagramSocket()) {
      socket.setReceiveBufferSize(4 << 20);
      socket.setSoTimeout(PATIENCE_MILLIS);
      DatagramPacket packet = new DatagramPacket(new byte[8], 8);
      sender.connect(InetAddress.getByName(address), port);
      int received = 0;
      for (int sent = 0; sent < packets; sent += BURST) {
        for (int i = 0; i < BURST; i++) {
          sender.send(packet);
        }
        // a burst fits into the buffer, so that nobody but the fault loses anything
        received += burst(socket);
      }
      return 100.0 * (packets - received) / packets;
    }
  }

  private static int burst(DatagramSocket socket) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[8], 8);
    int received = 0;
    socket.setSoTimeout(PATIENCE_MILLIS);
    try {
      for (; received < BURST; received++) {
        socket.receive(packet);
        socket.setSoTimeout(BETWEEN_MILLIS);
      }
    } catch (SocketTimeoutException lost) {
      return received;
    }
    return received;
  }

  @Override
  public void close() throws Exception {
    sockets.forEach(DatagramSocket::close);
    for (Thread each : threads) {
      each.join(TimeUnit.SECONDS.toMillis(5));
    }
    far.close();
    holder.destroyForcibly();
    holder.waitFor();
    // the pair goes with the namespace, a moment after its last user
    run("ip link del fa 2>/dev/null || true");
  }
}
