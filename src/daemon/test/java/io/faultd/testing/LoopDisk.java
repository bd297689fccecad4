package io.faultd.testing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A disk with a file system of its own, attached to a loop device. */
public final class LoopDisk implements AutoCloseable {
  private static final int BYTES = 8 << 20;

  private final String device;
  private Path image;

  private LoopDisk(String device, Path image) {
    this.device = device;
    this.image = image;
  }

  /** A new image of a disk with an empty ext4 on it. */
  public static Path ext4(Path image) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(BYTES);
    }
    // its checksums need not be made anew for another UUID
    run("mkfs.ext4", "-q", "-F", "-O", "metadata_csum_seed", image.toString());
    return image;
  }

  /** Attaches an image to a device that is free. */
  public static LoopDisk of(Path image) throws IOException {
    return new LoopDisk(run("losetup", "--find", "--show", image.toString()), image);
  }

  /** Has another image on the same device, once nobody has the first one open any more. */
  public void replace(Path other) throws IOException {
    close();
    awaitFree();
    attach(other);
  }

  /** Has a copy of its image with a UUID of its own on the same device. */
  public void replaceByCopy(Path copy) throws IOException {
    close();
    awaitFree();
    Files.copy(image, copy, StandardCopyOption.REPLACE_EXISTING);
    run("tune2fs", "-U", "random", copy.toString());
    attach(copy);
  }

  private void attach(Path other) throws IOException {
    run("losetup", device, other.toString());
    image = other;
  }

  private void awaitFree() throws IOException {
    try {
      Eventually.eventually(device + " is free", () -> !Files.exists(backing()));
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  /** The kernel's word for what is on it; there while something is. */
  private Path backing() {
    String name = Path.of(device).getFileName().toString();
    return Path.of("/sys/block", name, "loop/backing_file");
  }

  /** Mounts it; closing takes it away. */
  public Kernel.Mounted mount(Path point) throws IOException {
    return Kernel.mounted(device, point, "ext4");
  }

  @Override
  public void close() throws IOException {
    // others may have it by now
    if (Files.exists(backing())
        && Files.readString(backing()).strip().equals(image.toRealPath().toString())) {
      run("losetup", "--detach", device);
    }
  }

  private static String run(String... command) throws IOException {
    Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (tool.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return said;
  }
}
