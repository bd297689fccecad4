package io.faultd.testing;

import io.faultd.linux.proc.Procfs;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    taken("StopContainer");
  }

  /** Takes it away, when it was stopped. */
  public void remove() {
    taken("RemoveContainer");
  }

  /** Of what ended just before, its runtime may not know that yet. */
  private void taken(String method) {
    try {
      Eventually.eventually(method + " is taken", () -> takes(method));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean takes(String method) {
    try {
      return runtime.call(method, new CriMessage().text(1, id)) != null;
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNKNOWN) {
        return false;
      }
      throw e;
    }
  }

  /** Ends its first process, and with it all others. */
  public void kill() {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  /** A file as its first process sees it; links in there lead out. */
  public Path file(String path) {
    return Path.of("/proc/" + pid + "/root" + path);
  }

  /** Pids of all its processes, as the machine sees them. */
  public List<Integer> pids() throws IOException {
    List<Integer> pids = new ArrayList<>();
    for (int each : Procfs.HOST.pids()) {
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
