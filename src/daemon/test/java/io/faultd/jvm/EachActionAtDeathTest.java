package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.preparation.JvmDaemon;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.Victim;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon is killed with each action in place: the application is as it was before. */
@Requires("root")
class EachActionAtDeathTest {
  private static final String EXCEPTION = " exception java.lang.IllegalStateException";

  @TempDir Path data;

  @Test
  void ofMethods() throws Exception {
    try (TargetJvm target = TargetJvm.of(17)) {
      killedWith(
          target.pid(),
          "jvm delay classname Shop methodname price time 60s",
          "jvm throwCustomException classname Shop methodname price effect-count 1" + EXCEPTION,
          "jvm throwDeclaredException classname Shop methodname sell",
          "jvm return classname Shop$Till methodname count value 7",
          "jvm cpufullload cpu-count 1");
      assertTrue(target.millis("price 4") < 5_000);
      Eventually.eventually("as before", () -> target.result("price 4").equals("12"));
      Eventually.eventually("as before", () -> target.result("sell tea").equals("sold_tea"));
      assertEquals("3", target.result("till 3"));
      Eventually.eventually("no thread of ours", () -> !target.ask("threads").contains("faultd"));
      assertEquals(List.of(), target.left());
    }
  }

  @Test
  void ofServlets() throws Exception {
    try (LibraryJvm jvm = LibraryJvm.of("jetty-12.1")) {
      jvm.serve("jetty-12.1");
      killedWith(
          jvm.pid(),
          "servlet delay time 60s requestpath /slow",
          "servlet throwCustomException requestpath /broken" + EXCEPTION,
          "servlet modifyCode code 503 requestpath /odd");
      for (String path : List.of("/slow", "/broken", "/odd")) {
        Eventually.eventually(path, () -> jvm.status("GET", path) == 200);
      }
      Eventually.eventually("no thread", () -> jvm.run("threads").get("count").equals("0"));
    }
  }

  @Test
  void ofStatements() throws Exception {
    try (LibraryJvm.Postgres postgres = LibraryJvm.Postgres.start();
        LibraryJvm jvm = LibraryJvm.of("psql-42.7")) {
      jvm.run("connect " + postgres.url());
      killedWith(
          jvm.pid(),
          "psql delay time 60s sqltype select",
          "psql throwCustomException sqltype create" + EXCEPTION);
      Eventually.eventually(
          "created", () -> jvm.sql("create table goods (id int)").get("last").endsWith("changed"));
      assertEquals("nothing", jvm.sql("select * from goods").get("last"));
      Eventually.eventually("no thread", () -> jvm.run("threads").get("count").equals("0"));
    }
  }

  private void killedWith(int pid, String... faults) throws Exception {
    try (Victim daemon = Victim.java(JvmDaemon.class, data.toString(), Integer.toString(pid))) {
      assertEquals("ready", daemon.line());
      for (String fault : faults) {
        daemon.tell("inject " + fault);
        assertEquals("done", daemon.line(), fault);
      }
      daemon.signal("KILL");
      daemon.ended();
    }
  }
}
