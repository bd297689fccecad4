package io.faultd.testing;

import io.faultd.linux.Fd;
import io.faultd.linux.Native;
import io.faultd.linux.file.Open;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import jnr.ffi.Memory;
import jnr.ffi.Runtime;

/** A network namespace of a test's own, its lo up, gone with the test; nothing is mounted. */
public final class Lab implements AutoCloseable {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final Calls C = Native.bind(Calls.class);

  private final Fd namespace;

  private Lab(Fd namespace) {
    this.namespace = namespace;
  }

  /** A new one. */
  public static Lab fresh() throws Exception {
    // or a helper thread of jnr-ffi, started by its first use, would live in the namespace
    Memory.allocate(Runtime.getSystemRuntime(), 8);
    CompletableFuture<Fd> made = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            Native.check("unshare", C.unshare(CLONE_NEWNET), null);
            try (Fd handle = Open.followed("/proc/thread-self/ns/net")) {
              made.complete(Open.reading(handle, "a namespace"));
            }
          } catch (IOException e) {
            made.completeExceptionally(e);
          }
        });
    try {
      Lab lab = new Lab(made.get());
      lab.run("ip", "link", "set", "lo", "up");
      return lab;
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  /** Its nsfs file, for this process and others. */
  public String path() {
    return "/proc/" + ProcessHandle.current().pid() + "/fd/" + namespace.number();
  }

  /** The command that runs one inside. */
  public String[] inside(String... command) {
    List<String> whole = new ArrayList<>(List.of("nsenter", "--net=" + path()));
    whole.addAll(List.of(command));
    return whole.toArray(String[]::new);
  }

  /** What a command prints inside; fails if it fails. */
  public String run(String... command) throws Exception {
    Process process = new ProcessBuilder(inside(command)).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": " + code + ": " + output);
    }
    return output;
  }

  /** The same for each of some lines, words parted by blanks. */
  public Lab each(String... lines) throws Exception {
    for (String line : lines) {
      run(line.split(" +"));
    }
    return this;
  }

  /** Lets go; the kernel then takes it away with all that is in it. */
  @Override
  public void close() {
    namespace.close();
  }

  /** What is called. */
  public interface Calls {
    /** See unshare(2). */
    int unshare(int flags);
  }
}
