package io.faultd.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Writes archives of images as {@code docker save} does, and {@code ctr images import} reads. */
final class ImageArchive {
  private ImageArchive() {}

  /**
   * That of an image of one layer.
   *
   * @param work an empty folder, which is left with what the archive is made of
   * @param root what the layer holds
   * @param command what runs by default
   */
  static Path write(Path work, Path root, String name, List<String> command) throws Exception {
    Path layer = work.resolve("layer.tar");
    Containerd.run(
        "tar",
        "-C",
        root.toString(),
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "-cf",
        layer.toString(),
        ".");
    Files.writeString(work.resolve("config.json"), config(layer, command));
    Files.writeString(
        work.resolve("manifest.json"),
        "[{\"Config\": \"config.json\", \"RepoTags\": [\"%s\"], \"Layers\": [\"layer.tar\"]}]"
            .formatted(name));
    Path archive = Path.of(work + ".tar");
    Containerd.run(
        "tar",
        "-C",
        work.toString(),
        "-cf",
        archive.toString(),
        "manifest.json",
        "config.json",
        "layer.tar");
    return archive;
  }

  private static String config(Path layer, List<String> command) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(layer));
    return """
    {"architecture": "%s", "os": "linux", "config": {"Entrypoint": [%s], "Env": ["PATH=/bin:/jdk/bin"]},
     "rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}, "history": [{"created_by": "test"}]}
    """
        .formatted(
            System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64",
            command.stream().map(each -> '"' + each + '"').collect(Collectors.joining(",")),
            HexFormat.of().formatHex(digest));
  }
}
