package io.faultd.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultd.agent.testing.Postgres;
import io.faultd.agent.testing.TargetJvm;
import io.faultd.agent.testing.TargetJvm.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules about statements of PostgreSQL's driver, old and new, at a real server. */
class PsqlTest {
  private static Postgres postgres;

  @BeforeAll
  static void start() throws Exception {
    boolean must = "never".equals(System.getProperty("faultd.skip"));
    assumeTrue(must || Postgres.present(), "needs root and Debian's package postgresql");
    postgres = Postgres.start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (postgres != null) {
      postgres.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"psql-42.0", "psql-42.7"})
  void statementsAreDelayedAndThrownAt(String library) throws Exception {
    try (TargetJvm jvm = TargetJvm.with(TargetJvm.home(), library, "-Xverify:all")) {
      assertEquals("waiting", add(jvm, "delay", "time=300", "table=goods").get("state"));
      assertEquals("", jvm.run("connect " + postgres.url()).get("done"));
      run(jvm, "drop table if exists goods");
      run(jvm, "create table goods (id int, name text)");
      assertEquals("1 changed", run(jvm, "insert into goods values (1, 'tea')").get("last"));
      assertEquals("armed", jvm.ask("list").item("state"));
      Map<String, String> slow = run(jvm, "select name from public.\"goods\" where id = ?");
      assertEquals("tea", slow.get("last"));
      assertTrue(Long.parseLong(slow.get("millis")) >= 300, slow.toString());
      jvm.ask("remove", "rule=rule");

      matchersAreAllOfThem(jvm);
      batchesAreOneStatement(jvm);
    }
  }

  private static void matchersAreAllOfThem(TargetJvm jvm) throws IOException {
    String[][] all = {
      {"sqltype=SELECT", "select name from goods", "update goods set id = 1"},
      {"table=goods", "delete from goods where id = 9", "select 1"},
      {
        "table=goods",
        "select substring(name from 2), '--', 'it''s from x' from goods",
        "select 'from goods'"
      },
      {
        "table=goods",
        "select '"
            + "long ''words\\ ".repeat(5_000)
            + "' from goods where (('a') is distinct from 'b')",
        "select E'\\' from goods', $x$ from goods $x$"
      },
      {"database=postgres", "select 1", null},
      {"host=127.0.0.1", "select 1", null},
      {"port=" + postgres.port(), "select 1", null},
      {"port=1", null, "select 1"},
      {"database=other", null, "select 1"},
    };
    for (String[] each : all) {
      Reply added = add(jvm, "throwCustomException", "exception=java.sql.SQLException", each[0]);
      assertEquals("armed", added.get("state"), each[0]);
      if (each[1] != null) {
        assertEquals(
            "java.sql.SQLException: chaosblade-mock-exception", run(jvm, each[1]).get("last"));
      }
      if (each[2] != null) {
        assertTrue(!run(jvm, each[2]).get("last").contains("Exception"), each[0]);
      }
      String hits = jvm.ask("remove", "rule=rule").get("hits");
      assertEquals(each[1] == null ? "0" : "1", hits, each[0]);
    }
    Reply unknown = add(jvm, "delay", "time=1", "schema=a");
    assertEquals("illegal schema", unknown.get("kind") + " " + unknown.get("flag"));
  }

  private static void batchesAreOneStatement(TargetJvm jvm) throws IOException {
    add(jvm, "delay", "time=1", "sqltype=insert");
    assertEquals("2 done", run(jvm, "batch insert into goods values (2, 'milk')").get("last"));
    assertEquals("1", jvm.ask("remove", "rule=rule").get("hits"));
    assertEquals("3", run(jvm, "select count(*) from goods").get("last"));
  }

  private static Map<String, String> run(TargetJvm jvm, String sql) throws IOException {
    return jvm.run("sql " + sql);
  }

  private static Reply add(TargetJvm jvm, String action, String... more) throws IOException {
    List<String> fields = new ArrayList<>(List.of("rule=rule", "target=psql", "action=" + action));
    fields.addAll(List.of(more));
    return jvm.ask("add", fields.toArray(new String[0]));
  }
}
