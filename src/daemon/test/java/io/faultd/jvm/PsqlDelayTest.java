package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.fault.Effect.State;
import io.faultd.fault.Reason;
import io.faultd.testing.Eventually;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PsqlDelayTest extends LibraryFaultTest {
  private static LibraryJvm.Postgres postgres;

  PsqlDelayTest() {
    super("psql");
  }

  @BeforeAll
  static void startPostgres() throws IOException {
    postgres = LibraryJvm.Postgres.start();
  }

  @AfterAll
  static void stopPostgres() throws Exception {
    postgres.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"psql-42.0", "psql-42.7"})
  void onlyStatementsThatFitAreLateUntilItIsDestroyed(String library) throws Exception {
    try (LibraryJvm jvm = LibraryJvm.of(library)) {
      Experiment delay = inject(jvm, "delay", "time", "300", "sqltype", "SELECT", "table", "goods");
      assertEquals(State.RAMPING, delay.effect().state());
      assertEquals("PostgreSQL's driver is not loaded yet", delay.effect().detail());
      jvm.run("connect " + postgres.url());
      jvm.sql("drop table if exists goods");
      assertTrue(millis(jvm, "create table goods (id int, name text)") < 300);
      assertTrue(millis(jvm, "insert into goods values (1, 'tea')") < 300);
      assertTrue(millis(jvm, "select name from public.\"goods\" where id = ?") >= 300);
      Eventually.eventually("settled", () -> node.now(delay).effect().state() == State.SETTLED);
      hits(delay, 1);
      destroyed(delay);
      assertTrue(millis(jvm, "select name from goods") < 300);
    }
  }

  private static long millis(LibraryJvm jvm, String statement) throws IOException {
    var answer = jvm.sql(statement);
    assertTrue(!answer.get("last").contains("Exception"), answer.toString());
    return Long.parseLong(answer.get("millis"));
  }

  @Test
  void isRefusedWhereItCouldNeverStrike() throws Exception {
    try (LibraryJvm jvm = LibraryJvm.of("psql-42.7")) {
      refused(jvm, Reason.ILLEGAL_PARAMETER, "time", "delay", "time", "0");
      refused(jvm, Reason.MISSING_PARAMETER, "time", "delay", "table", "goods");
      refused(jvm, Reason.ILLEGAL_PARAMETER, "port", "delay", "time", "1", "port", "0");
      refused(jvm, Reason.ILLEGAL_PARAMETER, "schema", "delay", "time", "1", "schema", "a");
      assertTrue(node.preparations.list(ALL).isEmpty(), "nothing came into the JVM");
    }
  }
}
