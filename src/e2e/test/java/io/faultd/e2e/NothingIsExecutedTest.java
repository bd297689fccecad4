package io.faultd.e2e;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Containerd;
import io.faultd.testing.Pod;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.Victim;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon does all work itself: what it executes is seen by strace. */
@Requires("root")
class NothingIsExecutedTest {
  private static final Pattern EXECUTED =
      Pattern.compile("execve(?:at)?\\((?:\\d+, )?\"([^\"]*)\"");

  /** Adds to its output, for several programs run one after the other. */
  private static final List<String> STRACE =
      List.of(
          "strace",
          "-f",
          "-A",
          "-qq",
          "-s",
          "4096",
          "--seccomp-bpf",
          "-e",
          "trace=execve,execveat");

  private static final String PREPARATIONS = "/api/v1/preparations";

  @TempDir Path folder;

  private Path things;

  @Test
  void noActionStartsAnyProgramButOurOwnWorkers() throws Exception {
    things = Files.createDirectory(folder.resolve("things"));
    Path trace = folder.resolve("trace");
    Set<String> done = new HashSet<>();
    try (Daemon daemon =
            Daemon.in(folder)
                .under(STRACE.toArray(String[]::new))
                .under("-o", trace.toString())
                .start();
        Victim stopped = Victim.sleeping(Victim.tag());
        Victim killed = Victim.sleeping(Victim.tag())) {
      for (Protocol protocol : Protocol.values()) {
        done.add(both(daemon, protocol, "process stop", "pid", "" + stopped.pid()));
        done.add(both(daemon, protocol, "file delete", "filepath", made("deleted")));
        done.add(both(daemon, protocol, "file chmod", "filepath", made("mode"), "mark", "600"));
        done.add(both(daemon, protocol, "file append", "filepath", made("log"), "content", "x"));
        done.add(
            both(
                daemon,
                protocol,
                "file move",
                "filepath",
                made("moved"),
                "target",
                folder.toString()));
        done.add(both(daemon, protocol, "file add", "filepath", things.resolve("new").toString()));
        done.add(both(daemon, protocol, "cpu fullload", "cpu-percent", "10"));
        done.add(both(daemon, protocol, "network drop", "destination-port", "9"));
        done.add(both(daemon, protocol, "network loss", "percent", "5", "interface", "lo"));
        done.add(both(daemon, protocol, "network delay", "time", "5", "interface", "lo"));
        done.add(both(daemon, protocol, "network limit", "rate", "1gbit", "interface", "lo"));
      }
      jvmActions(daemon, done);
      containerActions(daemon, done);
      done.add(both(daemon, Protocol.REST, "process kill", "pid", "" + killed.pid()));
      assertEquals(actions(daemon), done, "every action that is implemented was tried");
      refused(daemon, "process", "stop", Map.of("local-port", "1"));
      refused(daemon, "process", "stop", Map.of("process", Victim.tag()));
      refused(daemon, "file", "delete", Map.of("filepath", things + "/none"));
      // what is in place when it dies is undone by the next
      daemon.rest().create("process", "stop", Map.of("pid", "" + stopped.pid())).uid();
      daemon.rest().create("file", "append", Map.of("filepath", made("log"), "content", "x")).uid();
      daemon.rest().create("cpu", "fullload", Map.of("cpu-percent", "5")).uid();
      daemon.kill();
      daemon.start();
      eventually("recovered", stopped::runs);
      daemon.rest().delete(Rest.EXPERIMENTS);
      assertEquals(0, daemon.terminate());
      sweep(daemon, trace);
    }
    assertNothingButOurOwn(Files.readAllLines(trace));
  }

  private static void jvmActions(Daemon daemon, Set<String> done) {
    try (TargetJvm jvm = TargetJvm.of(17)) {
      String pid = "" + jvm.pid();
      for (Protocol protocol : Protocol.values()) {
        done.add(both(daemon, protocol, "jvm cpufullload", "pid", pid, "cpu-count", "1"));
        done.add(method(daemon, protocol, "jvm delay", pid, "time", "1"));
        done.add(method(daemon, protocol, "jvm return", pid, "value", "1"));
        String exception = IllegalStateException.class.getName();
        done.add(method(daemon, protocol, "jvm throwCustomException", pid, "exception", exception));
        done.add(
            both(
                daemon,
                protocol,
                "jvm throwDeclaredException",
                "pid",
                pid,
                "classname",
                "Shop",
                "methodname",
                "sell"));
        for (String target : List.of("servlet", "psql")) {
          done.add(both(daemon, protocol, target + " delay", "pid", pid, "time", "1"));
          String what = target + " throwCustomException";
          done.add(both(daemon, protocol, what, "pid", pid, "exception", exception));
        }
        done.add(both(daemon, protocol, "servlet modifyCode", "pid", pid, "code", "503"));
      }
      String prepare = "{\"type\": \"jvm\", \"pid\": %s, \"refresh\": true}".formatted(pid);
      Rest.Answer prepared = daemon.rest().post(PREPARATIONS, prepare);
      assertEquals(201, prepared.status(), prepared.text());
      assertEquals(200, daemon.rest().delete(PREPARATIONS + "/" + prepared.uid()).status());
      assertEquals(200, daemon.rest().get("/api/v1/targets").status());
    }
  }

  /** The same actions at another place, and what they would do there. */
  private static void insideOf(String id, Daemon daemon, String socket) {
    Map<String, Map<String, String>> orders =
        Map.of(
            "process stop", Map.of("process", "1000000"),
            "file append", Map.of("filepath", "/etc/hostname", "content", "x"),
            "file chmod", Map.of("filepath", "/etc/hostname", "mark", "600"),
            "file add", Map.of("filepath", "/made"),
            "cpu fullload", Map.of("cpu-percent", "5"),
            "network drop", Map.of("destination-port", "9"),
            "network loss", Map.of("percent", "5", "interface", "lo"),
            "network delay", Map.of("time", "5", "interface", "lo"),
            "network limit", Map.of("rate", "1gbit", "interface", "lo"));
    orders.forEach((what, flags) -> {
      Map<String, String> all = new HashMap<>(flags);
      all.putAll(Map.of("container-id", id, "cri-endpoint", socket));
      String[] names = what.split(" ", -1);
      String order =
          Rest.order(names[0], names[1], all).replaceFirst("\\{", "{\"scope\": \"cri\", ");
      String rehearsal = order.replaceFirst("\\{", "{\"dryRun\": true, ");
      Rest.Answer plan = daemon.rest().post(Rest.EXPERIMENTS, rehearsal);
      assertEquals(200, plan.status(), what + plan.text());
      Rest.Answer made = daemon.rest().post(Rest.EXPERIMENTS, order);
      assertEquals(201, made.status(), what + made.text());
      assertEquals(200, daemon.rest().destroy(made.uid()).status(), what);
    });
    assertEquals(200, daemon.rest().get("/api/v1/targets?kind=container").status());
  }

  private static void containerActions(Daemon daemon, Set<String> done) throws Exception {
    try (Containerd containerd = Containerd.start();
        Pod pod = containerd.pod()) {
      String inside = pod.container("inside", "/bin/sleep", "1000000").id();
      insideOf(inside, daemon, containerd.socket());
      for (Protocol protocol : Protocol.values()) {
        for (String what : List.of("container pause", "container remove")) {
          String id = pod.container(protocol + what, "/bin/sleep", "1000000").id();
          String socket = containerd.socket();
          done.add(both(daemon, protocol, what, "container-id", id, "cri-endpoint", socket));
        }
      }
    }
  }

  private static String method(
      Daemon daemon, Protocol protocol, String what, String pid, String... flag) {
    return both(
        daemon,
        protocol,
        what,
        "pid",
        pid,
        "classname",
        "Shop",
        "methodname",
        "price",
        flag[0],
        flag[1]);
  }

  private static void refused(
      Daemon daemon, String target, String action, Map<String, String> flags) {
    assertEquals(404, daemon.rest().create(target, action, flags).status());
  }

  private void sweep(Daemon daemon, Path trace) throws Exception {
    List<String> command = new ArrayList<>(STRACE);
    command.addAll(List.of("-o", trace.toString(), Daemon.LAUNCHER.toString(), "sweep"));
    command.addAll(List.of("--config", daemon.config().toString(), "--uid", "nobodys"));
    String output = Tool.run(folder, Map.of(), command.toArray(String[]::new));
    assertTrue(output.contains("0 undone, 0 unsure"), output);
  }

  /** The launcher's shell may start what it likes until it becomes the program. */
  private static void assertNothingButOurOwn(List<String> trace) {
    Set<String> executed = new HashSet<>();
    String java = "";
    int programs = 0;
    boolean own = false;
    for (String line : trace) {
      Matcher match = EXECUTED.matcher(line);
      if (match.find()) {
        if (match.group(1).equals(Daemon.LAUNCHER.toString())) {
          own = false;
        } else if (!own && line.contains("faultd.jar")) {
          own = true;
          programs++;
          java = match.group(1).replaceAll("/bin/java$", "");
        }
        if (own) {
          executed.add(match.group(1));
        }
      }
    }
    assertEquals(3, programs, "two daemons and a sweep");
    assertEquals(Set.of(java + "/bin/java", java + "/lib/jspawnhelper"), executed);
  }

  private static Set<String> actions(Daemon daemon) {
    return jsonActions(daemon.rest().get("/api/v1/actions"));
  }

  private static Set<String> jsonActions(Rest.Answer answer) {
    return answer.array().stream()
        .map(each -> each.asJsonObject())
        .filter(each -> each.getBoolean("implemented"))
        .map(each -> each.getString("target") + " " + each.getString("action"))
        .collect(Collectors.toSet());
  }

  private static String both(Daemon daemon, Protocol protocol, String what, String... flags) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < flags.length; i += 2) {
      map.put(flags[i], flags[i + 1]);
    }
    String[] names = what.split(" ", 2);
    String uid = protocol.create(daemon, names[0], names[1], map);
    assertEquals("Destroyed", protocol.destroy(daemon, uid));
    return what;
  }

  private String made(String name) throws Exception {
    return Files.writeString(things.resolve(name), name).toString();
  }
}
