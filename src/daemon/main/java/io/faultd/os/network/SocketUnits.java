package io.faultd.os.network;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sockets that systemd listens at for a program, which it starts when somebody comes
 * (systemd.socket(5)): until then no process has the program's name.
 *
 * <p>Says what may be listened at: what a unit's later part takes back is still in it.
 */
final class SocketUnits {
  private static final List<String> FOLDERS =
      List.of(
          "etc/systemd/system.control",
          "run/systemd/system.control",
          "run/systemd/transient",
          "run/systemd/generator.early",
          "etc/systemd/system",
          "run/systemd/system",
          "run/systemd/generator",
          "usr/local/lib/systemd/system",
          "usr/lib/systemd/system",
          "lib/systemd/system",
          "run/systemd/generator.late");

  private static final String SOCKET = ".socket";
  private static final Pattern PORT = Pattern.compile("(?:[^/@]*:)?(\\d{1,5})");
  private static final Pattern PROGRAM = Pattern.compile("[-@:+!|]*(?:\\S*/)?([^/\\s]+).*");

  private final Path root;

  /**
   * Those of a node.
   *
   * @param root of its file system
   */
  SocketUnits(Path root) {
    this.root = root;
  }

  /**
   * TCP ports that are listened at for one of some programs.
   *
   * @param among only these are looked for
   */
  Set<Integer> ports(Set<String> programs, Set<Integer> among) throws IOException {
    Set<Integer> ports = new TreeSet<>();
    for (String name : names()) {
      Set<Integer> its = new TreeSet<>();
      for (String value : values(name + SOCKET, "ListenStream")) {
        Matcher port = PORT.matcher(value);
        if (port.matches()) {
          its.add(Integer.valueOf(port.group(1)));
        }
      }
      its.retainAll(among);
      if (!its.isEmpty() && starts(name, programs)) {
        ports.addAll(its);
      }
    }
    return ports;
  }

  private Set<String> names() throws IOException {
    Set<String> names = new TreeSet<>();
    for (String folder : FOLDERS) {
      for (Path unit : files(root.resolve(folder), "*" + SOCKET)) {
        String name = String.valueOf(unit.getFileName());
        names.add(name.substring(0, name.length() - SOCKET.length()));
      }
    }
    return names;
  }

  /** Whether what a socket stands for is one of these. */
  private boolean starts(String name, Set<String> programs) throws IOException {
    Set<String> services = new TreeSet<>(values(name + SOCKET, "Service"));
    services.add(name + ".service");
    services.add(name + "@.service"); // one for each connection
    for (String service : services) {
      for (String command : values(service, "ExecStart")) {
        Matcher program = PROGRAM.matcher(command);
        if (program.matches() && programs.contains(program.group(1))) {
          return true;
        }
      }
    }
    return false;
  }

  /** All values that a unit's file, and files that add to it, give a setting. */
  private List<String> values(String unit, String setting) throws IOException {
    List<String> values = new ArrayList<>();
    for (String folder : FOLDERS) {
      List<Path> parts = new ArrayList<>(List.of(root.resolve(folder).resolve(unit)));
      parts.addAll(files(root.resolve(folder).resolve(unit + ".d"), "*.conf"));
      for (Path part : parts) {
        for (String line : lines(part)) {
          String[] sides = line.split("=", 2);
          if (sides.length == 2 && sides[0].strip().equals(setting)) {
            values.add(sides[1].strip());
          }
        }
      }
    }
    return values;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException unreadable) {
      return List.of();
    }
  }

  private static List<Path> files(Path folder, String pattern) throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> some = Files.newDirectoryStream(folder, pattern)) {
        some.forEach(files::add);
      } catch (NotDirectoryException gone) {
        return List.of();
      }
    }
    return files;
  }
}
