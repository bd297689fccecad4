package io.faultd.testing;

import io.faultd.linux.ns.Inside;
import io.faultd.linux.ns.Network;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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
  private static final String UP = " state UP ";

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
    return open("");
  }

  /** The same with an interface on this side that has so many queues to send by (for mq). */
  public static Cable open(int queues) throws Exception {
    return open("numtxqueues %1$d numrxqueues %1$d".formatted(queues));
  }

  private static Cable open(String queues) throws Exception {
    Process holder = new ProcessBuilder("unshare", "--net", "sleep", "1000").start();
    int pid = (int) holder.pid();
    Eventually.eventually(
        "a namespace",
        () -> Procfs.HOST.stat(pid).filter(stat -> stat.name().equals("sleep")).isPresent());
    Cable cable = new Cable(holder, Network.open("/proc/" + pid + "/ns/net"));
    run(
        """
        ip link set lo up
        ip link add fa %s address 02:00:00:00:00:01 type veth peer name fb address 02:00:00:00:00:02 netns %d
        ip addr add 10.77.0.1/24 dev fa
        ip addr add fd77::1/64 dev fa nodad
        ip link set fa up
        """
            .formatted(queues, pid));
    cable.runFar(
        """
        ip link set lo up
        ip addr add 10.77.0.2/24 dev fb
        ip addr add 10.77.0.3/24 dev fb
        ip addr add fd77::2/64 dev fb nodad
        ip link set fb up
        """);
    cable.acquaint();
    // the kernel has an end send a moment after the other is up, and loses all before
    Eventually.eventually(
        "both ends send",
        () ->
            run("ip -o link show fa").contains(UP)
                && cable.runFar("ip -o link show fb").contains(UP));
    return cable;
  }

  /**
   * Tells both sides where the other is: the first packets would wait for that, and be counted
   * after a test has looked.
   */
  private void acquaint() throws Exception {
    String known = "ip neigh replace %s lladdr 02:00:00:00:00:0%d nud reachable dev %s\n";
    run(known.formatted(FAR, 2, "fa") + known.formatted(FAR_OTHER, 2, "fa"));
    run(known.formatted(FAR_6, 2, "fa"));
    runFar(known.formatted(NEAR, 1, "fb") + known.formatted(NEAR_6, 1, "fb"));
  }

  /** Both sides have to find the other anew, by ARP and neighbour discovery. */
  public void estrange() throws Exception {
    run("ip -4 neigh flush dev fa; ip -6 neigh flush dev fa");
    runFar("ip -4 neigh flush dev fb; ip -6 neigh flush dev fb");
  }

  /** A process of the far namespace. */
  public long process() {
    return holder.pid();
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
    return answered(from, address, port, text);
  }

  /** The same for who has not laid the cable. */
  public static boolean answered(int from, String address, int port, String text)
      throws IOException {
    return answered(from, address, port, text, PATIENCE_MILLIS);
  }

  /** The same for who waits so long. */
  public static boolean answered(int from, String address, int port, String text, int millis)
      throws IOException {
    try (DatagramSocket socket = new DatagramSocket(from)) {
      socket.setSoTimeout(millis);
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getByName(address), port));
      DatagramPacket answer = new DatagramPacket(new byte[65_536], 65_536);
      socket.receive(answer);
      return answer.getLength() == bytes.length;
    } catch (SocketTimeoutException lost) {
      return false;
    }
  }

  /** How long each of some questions to an echo, all under way at once, waits for its answer. */
  public double[] roundTrips(String address, int port, int count) throws IOException {
    long[] begun = new long[count];
    double[] millis = new double[count];
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(5_000);
      socket.connect(InetAddress.getByName(address), port);
      ByteBuffer number = ByteBuffer.allocate(4);
      for (int i = 0; i < count; i++) {
        begun[i] = System.nanoTime();
        socket.send(new DatagramPacket(number.putInt(0, i).array(), 4));
      }
      DatagramPacket answer = new DatagramPacket(number.array(), 4);
      for (int i = 0; i < count; i++) {
        socket.receive(answer);
        int which = number.getInt(0);
        millis[which] = (System.nanoTime() - begun[which]) / 1e6;
      }
    }
    return millis;
  }

  /** Sends bytes over one TCP connection to the far side; how long until the last is there. */
  public double transfer(String address, int bytes) throws Exception {
    try (ServerSocket server = far(() -> new ServerSocket(0, 1, InetAddress.getByName("::")));
        Socket sender = new Socket(InetAddress.getByName(address), server.getLocalPort());
        Socket receiver = server.accept()) {
      long begin = System.nanoTime();
      Thread sending = Thread.ofPlatform().daemon().start(() -> send(sender, bytes));
      int received = 0;
      byte[] buffer = new byte[1 << 16];
      InputStream in = receiver.getInputStream();
      for (int got; received < bytes && (got = in.read(buffer)) > 0; ) {
        received += got;
      }
      double millis = (System.nanoTime() - begin) / 1e6;
      sending.join();
      if (received != bytes) {
        throw new IllegalStateException(received + " of " + bytes);
      }
      return millis;
    }
  }

  private static void send(Socket socket, int bytes) {
    byte[] buffer = new byte[1 << 16];
    try {
      for (int sent = 0; sent < bytes; sent += buffer.length) {
        socket.getOutputStream().write(buffer, 0, Math.min(buffer.length, bytes - sent));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The middle one. */
  public static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
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

  /** Numbers of datagrams to a port of the far side that came behind a later one. */
  public List<Integer> disordered(String address, int port, int packets) throws Exception {
    List<Integer> behind = new ArrayList<>();
    try (DatagramSocket socket = far(() -> new DatagramSocket(new InetSocketAddress("::", port)));
        DatagramSocket sender = new DatagramSocket()) {
      socket.setReceiveBufferSize(4 << 20);
      socket.setSoTimeout(5_000);
      sender.connect(InetAddress.getByName(address), port);
      ByteBuffer number = ByteBuffer.allocate(4);
      for (int i = 0; i < packets; i++) {
        sender.send(new DatagramPacket(number.putInt(0, i).array(), 4));
      }
      int highest = -1;
      for (int i = 0; i < packets; i++) {
        socket.receive(new DatagramPacket(number.array(), 4));
        if (number.getInt(0) < highest) {
          behind.add(number.getInt(0));
        }
        highest = Math.max(highest, number.getInt(0));
      }
    }
    return behind;
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
