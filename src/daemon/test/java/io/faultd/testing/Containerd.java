package io.faultd.testing;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A containerd of the tests, with runc, in a network and mount namespace of its own; its containers
 * are made through the Container Runtime Interface.
 *
 * <p>Nothing of it is where the machine's own containerd has anything, and nothing is left.
 */
public final class Containerd implements AutoCloseable {
  /** The image of all containers: busybox, with a shell and the usual names, and nothing else. */
  public static final String IMAGE = "localhost/busybox:1";

  private static final java.util.logging.Logger TRANSPORT =
      java.util.logging.Logger.getLogger("io.grpc.netty.shaded.io.netty");

  static {
    TRANSPORT.setLevel(java.util.logging.Level.SEVERE);
  }

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] bytes) {
          return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream in) {
          try {
            return in.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private final Path folder;
  private String lastImage = "";
  private final String group;
  private final Process process;
  private final NioEventLoopGroup loop = new NioEventLoopGroup(1);
  private final ManagedChannel channel;

  private Containerd(Path folder) throws IOException {
    this.folder = folder;
    this.group = "/faultd-containers-" + ProcessHandle.current().pid();
    configure();
    this.process =
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
    this.channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket()))
            .eventLoopGroup(loop)
            .channelFactory(NioDomainSocketChannel::new)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
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
    if (!process.isAlive()) {
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
    run(
        "tar",
        "-C",
        root.toString(),
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "-cf",
        work.resolve("layer.tar").toString(),
        ".");
    byte[] digest =
        java.security.MessageDigest.getInstance("SHA-256")
            .digest(Files.readAllBytes(work.resolve("layer.tar")));
    String args =
        command.stream().map(each -> '"' + each + '"').reduce((a, b) -> a + "," + b).get();
    Files.writeString(
        work.resolve("config.json"),
        """
        {"architecture": "%s", "os": "linux", "config": {"Entrypoint": [%s], "Env": ["PATH=/bin:/jdk/bin"]},
         "rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}, "history": [{"created_by": "test"}]}
        """
            .formatted(
                System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64",
                args,
                java.util.HexFormat.of().formatHex(digest)));
    Files.writeString(
        work.resolve("manifest.json"),
        "[{\"Config\": \"config.json\", \"RepoTags\": [\"%s\"], \"Layers\": [\"layer.tar\"]}]"
            .formatted(name));
    run(
        "tar",
        "-C",
        work.toString(),
        "-cf",
        work + ".tar",
        "manifest.json",
        "config.json",
        "layer.tar");
    run("ctr", "-a", socket(), "-n", "k8s.io", "images", "import", work + ".tar");
    lastImage = work.toString();
  }

  private static String run(String... command) throws Exception {
    Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (tool.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
    return output;
  }

  /** Where it listens. */
  public String socket() {
    return folder.resolve("sock").toString();
  }

  /** A process of it, in its namespaces. */
  public long pid() {
    return process.pid();
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
    run("ctr", "-a", socket(), "-n", space, "images", "import", lastImage + ".tar");
    List<String> line =
        new ArrayList<>(List.of("ctr", "-a", socket(), "-n", space, "run", "-d", "--null-io"));
    line.addAll(List.of("--label", label, "--cgroup", group + "/" + id, IMAGE, id));
    line.addAll(List.of(command));
    run(line.toArray(String[]::new));
    String tasks = run("ctr", "-a", socket(), "-n", space, "tasks", "ls");
    String pid = tasks.lines().filter(each -> each.startsWith(id + " ")).findFirst().orElseThrow();
    return new Container(this, id, id, Integer.parseInt(pid.split(" +", -1)[1]));
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

  byte[] call(String method, CriMessage request) {
    return ClientCalls.blockingUnaryCall(
        channel,
        MethodDescriptor.<byte[], byte[]>newBuilder(BYTES, BYTES)
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("runtime.v1.RuntimeService/" + method)
            .build(),
        CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
        request.toBytes());
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
    try {
      for (byte[] pod : CriMessage.fields(call("ListPodSandbox", new CriMessage()), 1)) {
        remove(CriMessage.text(pod, 1));
      }
    } catch (StatusRuntimeException e) {
      System.err.println("pods stay: " + e);
    }
    channel.shutdownNow();
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
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

  /**
   * A pod; closing takes it away with its containers.
   *
   * @param runtime whose
   * @param id by which the runtime knows it
   * @param name in the namespace default
   * @param config as it was ordered
   */
  public record Pod(Containerd runtime, String id, String name, CriMessage config)
      implements AutoCloseable {

    /** Starts a container that runs a command. */
    public Container container(String name, String... command) {
      return container(new Wish(name, Map.of(), 0, 0), command);
    }

    /** Starts a container that runs a command. */
    public Container container(Wish wish, String... command) {
      CriMessage config =
          new CriMessage()
              .message(1, new CriMessage().text(1, wish.name()))
              .message(2, new CriMessage().text(1, wish.image()));
      for (String each : command) {
        config.text(3, each);
      }
      wish.volumes()
          .forEach((inside, host) ->
              config.message(7, new CriMessage().text(1, inside).text(2, host.toString())));
      config.entry(9, "app", wish.name());
      CriMessage resources =
          new CriMessage().number(1, 100_000).number(2, wish.quota()).number(4, wish.memory());
      CriMessage pid = new CriMessage().message(3, new CriMessage().number(2, 1));
      config.message(15, new CriMessage().message(1, resources).message(2, pid));
      byte[] made =
          runtime.call(
              "CreateContainer",
              new CriMessage().text(1, id).message(2, config).message(3, this.config));
      String container = CriMessage.text(made, 1);
      runtime.call("StartContainer", new CriMessage().text(1, container));
      return new Container(runtime, container, wish.name(), pid(container));
    }

    private int pid(String container) {
      byte[] status =
          runtime.call("ContainerStatus", new CriMessage().text(1, container).number(2, 1));
      for (byte[] entry : CriMessage.fields(status, 2)) {
        String json = CriMessage.text(entry, 2);
        int at = json.indexOf("\"pid\":");
        if (at >= 0) {
          return Integer.parseInt(json.substring(at + 6).split("[,}]", 2)[0].strip());
        }
      }
      throw new IllegalStateException("no pid of " + container);
    }

    @Override
    public void close() {
      runtime.remove(id);
    }
  }

  /**
   * What a container is to be.
   *
   * @param name in its pod, and its label app
   * @param volumes folders of this machine by where they are in it
   * @param quota microseconds of processor time in each 100 ms; 0: no limit
   * @param memory bytes; 0: no limit
   * @param image what it is made from
   */
  public record Wish(
      String name, Map<String, Path> volumes, long quota, long memory, String image) {
    /** From {@link #IMAGE}. */
    public Wish(String name, Map<String, Path> volumes, long quota, long memory) {
      this(name, volumes, quota, memory, IMAGE);
    }
  }

  /**
   * A container that was started.
   *
   * @param runtime whose
   * @param id by which the runtime knows it
   * @param name in its pod
   * @param pid of its first process
   */
  public record Container(Containerd runtime, String id, String name, int pid) {
    /** Runs a command in it, and returns what it writes. */
    public String exec(String... command) {
      CriMessage request = new CriMessage().text(1, id);
      for (String each : command) {
        request.text(2, each);
      }
      byte[] answer = runtime.call("ExecSync", request.number(3, 10));
      return CriMessage.text(answer, 1) + CriMessage.text(answer, 2);
    }

    /** Runs a line of shell in it, and returns what it writes. */
    public String shell(String line) {
      return exec("/bin/sh", "-c", line);
    }

    /** Ends it, as whoever runs the cluster would. */
    public void stop() {
      runtime.call("StopContainer", new CriMessage().text(1, id));
    }

    /** Takes it away, when it was stopped. */
    public void remove() {
      runtime.call("RemoveContainer", new CriMessage().text(1, id));
    }

    /** Pids of all its processes, as the machine sees them. */
    public List<Integer> pids() throws IOException {
      List<Integer> pids = new ArrayList<>();
      for (int each : io.faultd.linux.proc.Procfs.HOST.pids()) {
        Path file = Path.of("/proc/" + each + "/cgroup");
        try {
          if (Files.readString(file).contains(id)) {
            pids.add(each);
          }
        } catch (IOException gone) {
          continue;
        }
      }
      return pids;
    }
  }
}
