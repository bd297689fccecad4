package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.fault.Reason;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PsqlThrowCustomExceptionTest extends LibraryFaultTest {
  private static LibraryJvm.Postgres postgres;

  PsqlThrowCustomExceptionTest() {
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
  void statementsToWhichEachMatcherFitsFail(String library) throws Exception {
    String[][] all = {
      {"sqltype", "Select", "select name from goods", "update goods set id = 1"},
      {"table", "GOODS", "delete from goods where id = 9", "select 1"},
      {"database", "postgres", "select 1", null},
      {"host", "127.0.0.1", "select 1", null},
      {"port", postgres.port(), "select 1", null},
      {"port", "1", null, "select 1"},
      {"host", "localhost", null, "select 1"},
      {"database", "other", null, "select 1"},
    };
    try (LibraryJvm jvm = LibraryJvm.of(library)) {
      jvm.run("connect " + postgres.url());
      jvm.sql("drop table if exists goods");
      jvm.sql("create table goods (id int, name text)");
      for (String[] each : all) {
        Experiment fault =
            inject(
                jvm,
                "throwCustomException",
                "exception",
                "java.sql.SQLException",
                "exception-message",
                "sold out",
                each[0],
                each[1]);
        if (each[2] != null) {
          assertEquals("java.sql.SQLException: sold out", jvm.sql(each[2]).get("last"));
        }
        if (each[3] != null) {
          well(jvm, each[3]);
        }
        if (each[0].equals("sqltype")) {
          hits(fault, 1);
        }
        destroyed(fault);
        well(jvm, each[2] == null ? each[3] : each[2]);
      }
      refused(
          jvm,
          Reason.ILLEGAL_PARAMETER,
          "exception",
          "tce",
          "exception",
          "com.example.Nothing",
          "table",
          "goods");
      well(jvm, "select 1");
    }
  }

  private static void well(LibraryJvm jvm, String statement) throws IOException {
    String last = jvm.sql(statement).get("last");
    assertTrue(!last.contains("Exception"), last);
  }
}
