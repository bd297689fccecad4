package io.faultd.testing;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A containerd of the tests, with runc, in a network and mount namespace of its own; its containers
 * are made through the Container Runtime Interface.
 *
 * <p>Nothing of it is where the machine's own containerd has anything, and nothing is left.
 */
public final class Containerd implements AutoCloseable {
  /** The image of all containers: busybox, with a shell and the usual names, and nothing else. */
  public static final String IMAGE = "localhost/busybox:1";

  private static final AtomicInteger COUNT = new AtomicInteger();
  private final Path folder;
  private final String group;
  private final @Nullable Process process;
  private final long pid;
  private final CriClient client;

  private Containerd(Path folder) throws IOException {
    this.folder = folder;
    this.group = "/faultd-containers-" + ProcessHandle.current().pid();
    configure();
    Process started =
        new ProcessBuilder(
                "unshare",
                "--net",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                // what runtimes leave in these folders goes with the namespace
                "mount -t tmpfs tmpfs /run && mkdir -p /var/lib/cni"
                    + " && mount -t tmpfs tmpfs /var/lib/cni && ip link set lo up"
                    + " && exec containerd --config \"$0\"",
                folder.resolve("config.toml").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    this.process = started;
    this.pid = started.pid();
    this.client = new CriClient(socket());
  }

  private Containerd(String[] name) {
    this.folder = Path.of(name[0]);
    this.group = name[1];
    this.process = null;
    this.pid = Long.parseLong(name[2]);
    this.client = new CriClient(socket());
  }

  /** The one that another process started; closing this leaves that as it is. */
  public static Containerd named(String name) {
    return new Containerd(name.split(",", -1));
  }

  /** By what another process finds it. */
  public String name() {
    return folder + "," + group + "," + pid;
  }

  /** Starts one that is ready, with its image. */
  public static Containerd start() throws Exception {
    Containerd started = new Containerd(Files.createTempDirectory("containerd"));
    try {
      Eventually.eventually("containerd answers", started::answers);
      started.load(started.busybox(), IMAGE, List.of("/bin/sleep", "1000000000"));
      return started;
    } catch (Exception | AssertionError e) {
      System.err.println(Files.readString(started.folder.resolve("log")));
      started.close();
      throw e;
    }
  }

  private void configure() throws IOException {
    // the root of a user namespace passes through
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Files.createDirectories(folder.resolve("cni"));
    Files.writeString(
        folder.resolve("config.toml"),
        """
        version = 2
        root = "D/root"
        state = "D/state"
        [grpc]
          address = "D/sock"
        [plugins."io.containerd.internal.v1.opt"]
          path = "D/opt"
        [plugins."io.containerd.grpc.v1.cri"]
          restrict_oom_score_adj = true
          sandbox_image = "%s"
          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "/usr/lib/cni"
            conf_dir = "D/cni"
        """
            .formatted(IMAGE)
            .replace("D/", folder + "/"));
    Files.writeString(
        folder.resolve("cni/10-test.conflist"),
        """
        {"cniVersion": "0.4.0", "name": "test", "plugins": [{"type": "ptp", "ipam": {"type": "host-local",
          "dataDir": "%s/ipam", "ranges": [[{"subnet": "10.88.77.0/24"}]]}}]}
        """
            .formatted(folder));
  }

  private boolean answers() {
    if (process != null && !process.isAlive()) {
      throw new IllegalStateException("containerd ended with " + process.exitValue());
    }
    if (!Files.exists(Path.of(socket()))) {
      return false;
    }
    try {
      return call("Version", new CriMessage()).length > 0;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private Path busybox() throws IOException {
    Path root = folder.resolve("busybox");
    for (String each : List.of("bin", "etc", "tmp", "proc", "dev", "sys", "data")) {
      Files.createDirectories(root.resolve(each));
    }
    Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
    root.resolve("bin/busybox").toFile().setExecutable(true, false);
    for (String each : List.of("sh", "sleep", "cat", "ps", "nc", "ls", "stat", "kill", "touch")) {
      Files.createSymbolicLink(root.resolve("bin/" + each), Path.of("busybox"));
    }
    Files.writeString(root.resolve("etc/hosts"), "127.0.0.1 localhost\n");
    Files.writeString(root.resolve("etc/app.conf"), "container\n");
    return root;
  }

  /** Makes an image of one layer known: the files below a folder, and what runs by default. */
  public void load(Path root, String name, List<String> command) throws Exception {
    Path work = Files.createTempDirectory(folder, "image");
    Path made = ImageArchive.write(work, root, name, command);
    run("ctr", "-a", socket(), "-n", "k8s.io", "images", "import", made.toString());
    delete(work);
    Files.delete(made);
  }

  static String run(String... command) throws Exception {
    Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (tool.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
    return output;
  }

  /** The control groups of its pods and containers, as /proc/PID/cgroup names them. */
  public String group() {
    return group;
  }

  /** Holds all that it has. */
  public Path folder() {
    return folder;
  }

  /** Where it listens. */
  public String socket() {
    return folder.resolve("sock").toString();
  }

  /** A process of it, in its namespaces. */
  public long pid() {
    return pid;
  }

  /** Starts a container without a pod, in containerd's namespace {@code default}. */
  public Container plain(String id, String... command) throws Exception {
    return plainIn("default", "app=" + id, id, command);
  }

  /**
   * Starts a container without a pod.
   *
   * @param space a namespace of containerd
   * @param label KEY=VALUE
   */
  public Container plainIn(String space, String label, String id, String... command)
      throws Exception {
    return started(space, id, List.of("--label", label), IMAGE, List.of(command));
  }

  /**
   * Starts a container without a pod in a user namespace, in containerd's namespace {@code
   * default}.
   *
   * @param first who is root there; 65536 users and groups
   */
  public Container remapped(int first, String id, String image, List<String> command)
      throws Exception {
    String map = "0:" + first + ":65536";
    return started("default", id, List.of("--uidmap", map, "--gidmap", map), image, command);
  }

  private Container started(
      String space, String id, List<String> options, String image, List<String> command)
      throws Exception {
    String copy = "ctr -a $0 -n k8s.io images export - $1 | ctr -a $0 -n $2 images import -";
    run("sh", "-c", copy, socket(), image, space);
    List<String> line =
        new ArrayList<>(List.of("ctr", "-a", socket(), "-n", space, "run", "-d", "--null-io"));
    line.addAll(options);
    line.addAll(List.of("--cgroup", group + "/" + id, image, id));
    line.addAll(command);
    run(line.toArray(String[]::new));
    return new Container(this, id, id, pid(space, id));
  }

  private int pid(String space, String id) throws Exception {
    String tasks = run("ctr", "-a", socket(), "-n", space, "tasks", "ls");
    String task = tasks.lines().filter(each -> each.startsWith(id + " ")).findFirst().orElseThrow();
    return Integer.parseInt(task.split(" +", -1)[1]);
  }

  /** Has what {@link #plain} started begin anew, with the files that it had. */
  public Container restart(Container plain) throws Exception {
    String space = "ctr -a $0 -n default tasks ";
    run("sh", "-c", space + "rm -f $1 && " + space + "start -d --null-io $1", socket(), plain.id());
    return new Container(this, plain.id(), plain.name(), pid("default", plain.id()));
  }

  /** Ends what {@link #plain} started in {@code default}. */
  public void endPlain(String id) throws Exception {
    endPlain("default", id);
  }

  /** Ends what {@link #plain} started. */
  public void endPlain(String space, String id) throws Exception {
    run(
        "sh",
        "-c",
        "ctr -a $0 -n $2 tasks rm -f $1; ctr -a $0 -n $2 containers rm $1 || :",
        socket(),
        id,
        space);
  }

  /** Has what nothing needs any more taken from the disk, which otherwise comes some time later. */
  public void collect() throws Exception {
    String images = "ctr -a $0 -n default images ";
    run(
        "sh",
        "-c",
        images + "tag $1 unused:1 && " + images + "rm --sync unused:1",
        socket(),
        IMAGE);
  }

  byte[] call(String method, CriMessage request) {
    return client.call(method, request);
  }

  /** Makes a pod on containerd's own network. */
  public Pod pod() {
    return pod("pod-" + COUNT.incrementAndGet(), true);
  }

  /**
   * Makes a pod.
   *
   * @param node whether on containerd's own network, not one of its own
   */
  public Pod pod(String name, boolean node) {
    CriMessage options = new CriMessage().number(1, node ? 2 : 0).number(2, 1);
    CriMessage config =
        new CriMessage()
            .message(1, new CriMessage().text(1, name).text(2, "uid-of-" + name).text(3, "default"))
            .message(
                8,
                new CriMessage().text(1, group).message(2, new CriMessage().message(1, options)));
    byte[] made = call("RunPodSandbox", new CriMessage().message(1, config));
    return new Pod(this, CriMessage.text(made, 1), name, config);
  }

  /** Ends all pods, then itself, and takes away what they leave. */
  @Override
  public void close() {
    if (process == null) {
      client.close();
      return;
    }
    try {
      for (byte[] pod : CriMessage.fields(call("ListPodSandbox", new CriMessage()), 1)) {
        remove(CriMessage.text(pod, 1));
      }
    } catch (StatusRuntimeException e) {
      System.err.println("pods stay: " + e);
    }
    client.close();
    process.destroy();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
      process.destroyForcibly().waitFor();
      delete(folder);
      for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
        if (line.contains(" - cgroup")) {
          groups(Path.of(line.split(" ", 6)[4] + group));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void remove(String pod) {
    call("StopPodSandbox", new CriMessage().text(1, pod));
    call("RemovePodSandbox", new CriMessage().text(1, pod));
  }

  private static void delete(Path top) throws IOException {
    try (Stream<Path> all = Files.walk(top)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }

  /** Takes empty control groups away, the lowest first. */
  private static void groups(Path top) throws IOException {
    if (Files.isDirectory(top)) {
      try (Stream<Path> all = Files.walk(top)) {
        for (Path each :
            all.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(each);
        }
      }
    }
  }
}
