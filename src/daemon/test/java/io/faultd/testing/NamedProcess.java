package io.faultd.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that has the name of another: it listens at a port, and may be connected to somewhere.
 */
public final class NamedProcess implements AutoCloseable {
  private final Process process;

  private NamedProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts one, and waits until it listens and is connected.
   *
   * @param folder for a link to a JVM, by which the process gets its name
   * @param port to listen at, of all addresses
   * @param far address and port to connect to; none: to nowhere
   */
  public static NamedProcess start(Path folder, String name, int port, String... far)
      throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Path link = Files.createSymbolicLink(folder.resolve(name), java.toRealPath());
    List<String> command = new ArrayList<>();
    command.addAll(List.of(link.toString(), "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(NamedProcess.class.getName(), Integer.toString(port)));
    command.addAll(List.of(far));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    NamedProcess made = new NamedProcess(process);
    String line = process.inputReader().readLine();
    Files.delete(link);
    if (!"ready".equals(line)) {
      made.close();
      throw new IllegalStateException(name + " does not listen");
    }
    return made;
  }

  /** Runs in the process: answers each connection with the byte that came, until stdin ends. */
  public static void main(String[] arguments) throws Exception {
    InetAddress any = InetAddress.getByName("::");
    try (ServerSocket server = new ServerSocket(Integer.parseInt(arguments[0]), 5, any);
        Socket connection = new Socket()) {
      if (arguments.length > 1) {
        InetAddress far = InetAddress.getByName(arguments[1]);
        connection.connect(new InetSocketAddress(far, Integer.parseInt(arguments[2])), 5_000);
      }
      Thread.ofPlatform().daemon().start(() -> answer(server));
      System.out.println("ready");
      while (System.in.read() >= 0) {
        continue;
      }
    }
  }

  private static void answer(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        socket.getOutputStream().write(socket.getInputStream().read());
      } catch (IOException gone) {
        continue;
      }
    }
  }

  @Override
  public void close() throws IOException {
    process.outputWriter().close();
    process.onExit().join();
  }
}
