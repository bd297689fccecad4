package io.faultd.rollback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Undo;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As much as is moved behind appended bytes needs no more heap than the launcher gives. */
@Requires("root")
class AppendHeapTest {
  private static final String OURS = "ours\n";
  private static final int TAIL = 60 << 20;

  @TempDir Path temporary;

  @Test
  void movesMuchMoreThanTheHeapHolds() throws Exception {
    assertEquals(List.of("Undone[]", "true"), run("whole"));
  }

  @Test
  void finishesMuchMoreThanTheHeapHoldsAfterADeath() throws Exception {
    assertEquals(List.of("Undone[]", "true"), run("begun"));
  }

  @Test
  void looksThroughMuchMoreThanTheHeapHolds() throws Exception {
    assertEquals(List.of("Undone[]", "true"), run("unreported"));
  }

  /** In a JVM of its own, with less than the launcher's heap. */
  private List<String> run(String what) throws Exception {
    Path out = temporary.resolve("out");
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-Xmx40m",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                temporary.toString(),
                what)
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertTrue(process.waitFor(2, TimeUnit.MINUTES), "it does not end");
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertEquals(0, process.exitValue(), () -> read(out));
    return Files.readAllLines(out);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Takes a few bytes out from before many. */
  static final class Child {
    private Child() {}

    /** Says what came of it, and whether only ours are out. */
    public static void main(String[] args) throws IOException {
      Path folder = Path.of(args[0]);
      Path file = Files.writeString(folder.resolve("file"), OURS);
      write(file);
      Undo.BytesAppended step = step(file, args[1].equals("unreported"));
      if (args[1].equals("begun")) {
        byte[] ours = OURS.getBytes(StandardCharsets.UTF_8);
        Excision excision =
            new Excision(Scratch.who(step.file()), 0, ours, TAIL, new Excision.Leaving(42, null));
        new Scratch(folder, () -> false)
            .keep(Scratch.name(step), excision, (from, length) -> tail(length));
      }
      System.out.println(new Rollback(folder).undo(step, Company.NONE, false));
      System.out.println(Files.size(file) == TAIL && Files.mismatch(file, tails(folder)) == -1);
    }

    private static Undo.BytesAppended step(Path file, boolean unreported) throws IOException {
      return new Undo.BytesAppended(
          Fingerprint.identity(file),
          Base64.getEncoder().encodeToString(OURS.getBytes(StandardCharsets.UTF_8)),
          0,
          unreported ? null : 0L,
          unreported ? null : 1L);
    }

    private static Path tails(Path folder) throws IOException {
      Path file = Files.createFile(folder.resolve("tails"));
      write(file);
      return file;
    }

    private static void write(Path file) throws IOException {
      try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
        for (int i = 0; i < TAIL; i += 1 << 16) {
          out.write(tail(1 << 16));
        }
      }
    }

    private static byte[] tail(int length) {
      byte[] bytes = new byte[length];
      java.util.Arrays.fill(bytes, (byte) 't');
      return bytes;
    }
  }
}
