package io.faultd.testing;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The launcher of {@code deploy}, over a jar that points at the classes under test. */
public final class Launcher {
  private Launcher() {}

  /** Installs it; returns the script. */
  public static Path install(Path home) throws IOException {
    Path launcher = Files.createDirectories(home.resolve("deploy")).resolve("faultd");
    Files.copy(
        Path.of(System.getProperty("faultd.root"), "deploy", "faultd"),
        launcher,
        StandardCopyOption.COPY_ATTRIBUTES);
    Path target = Files.createDirectories(home.resolve("src/daemon/target"));
    Files.createDirectory(target.resolve("lib"));
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(Attributes.Name.MAIN_CLASS, "io.faultd.Main");
    attributes.put(new Attributes.Name("Add-Exports"), "java.base/sun.nio.ch"); // as pom.xml
    attributes.put(
        Attributes.Name.CLASS_PATH,
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .map(entry -> Path.of(entry).toUri().toString())
            .collect(Collectors.joining(" ")));
    try (OutputStream file = Files.newOutputStream(target.resolve("faultd.jar"))) {
      new JarOutputStream(file, manifest).close();
    }
    return launcher;
  }
}
