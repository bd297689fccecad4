package io.faultd.agent.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A PostgreSQL server of Debian's packages, in a folder and at a port of its own. */
public final class Postgres implements AutoCloseable {
  private final Path bin;
  private final Path folder;
  private final int port;

  private Postgres(Path bin, Path folder, int port) {
    this.bin = bin;
    this.folder = folder;
    this.port = port;
  }

  /**
   * One for tests that have no part of this on their class path: says where it is, and ends when
   * its standard input does.
   *
   * @param args none
   */
  public static void main(String[] args) throws Exception {
    try (Postgres postgres = start()) {
      System.out.println(postgres.url());
      System.in.readAllBytes();
    }
  }

  /** Whether there can be one. */
  public static boolean present() {
    return Files.isDirectory(Path.of("/usr/lib/postgresql"))
        && System.getProperty("user.name").equals("root");
  }

  /** Makes and starts one; whoever is root does it as the user {@code postgres}. */
  public static Postgres start() throws Exception {
    Path bin;
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      bin = versions.max(Comparator.naturalOrder()).orElseThrow().resolve("bin");
    }
    Path folder = Files.createTempDirectory("faultd-postgres");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Postgres postgres = new Postgres(bin, folder, port);
    run("chown", "postgres", folder.toString());
    postgres.tool("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-D", postgres.data());
    postgres.tool(
        "pg_ctl",
        "start",
        "-w",
        "-D",
        postgres.data(),
        "-l",
        folder.resolve("log").toString(),
        "-o",
        "-h 127.0.0.1 -p " + port + " -k " + folder + " -F");
    return postgres;
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  /** Its port. */
  public int port() {
    return port;
  }

  /** Where a driver connects. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&sslmode=disable";
  }

  private void tool(String name, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("runuser", "-u", "postgres", "--"));
    command.add(bin.resolve(name).toString());
    command.addAll(List.of(arguments));
    run(command.toArray(new String[0]));
  }

  private static void run(String... command) throws Exception {
    Path log = Files.createTempFile("faultd-postgres", ".log");
    try {
      int code =
          new ProcessBuilder(command)
              .directory(Path.of("/").toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start()
              .waitFor();
      if (code != 0) {
        throw new IOException(String.join(" ", command) + ": " + Files.readString(log));
      }
    } finally {
      Files.delete(log);
    }
  }

  @Override
  public void close() throws Exception {
    tool("pg_ctl", "stop", "-m", "immediate", "-D", data());
    run("rm", "-r", folder.toString());
  }
}
