package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShownCommandTest {
  @Test
  void anArgumentOfAnyLengthIsReadOnce() {
    String longest = "keytokenpass".repeat(11_000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          assertEquals(longest, ShownCommand.shown(List.of(longest)));
          assertEquals("-cp " + longest, ShownCommand.shown(List.of("-cp", longest)));
          assertEquals(longest + "=***", ShownCommand.shown(List.of(longest + "=" + longest)));
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "java;-Xmx1g;-cp;a.jar;Shop|java -Xmx1g -cp a.jar Shop",
        "java;-Ddb.password=a b=c;Shop|java -Ddb.password=*** Shop",
        "java;-DAPI_KEY=x;-Dapi.Token=y;-Duser=z|java -DAPI_KEY=*** -Dapi.Token=*** -Duser=z",
        "java;-jar;a.jar;--secret;x;--port;80|java -jar a.jar --secret *** --port 80",
        "java;-jar;a.jar;--db-password=x;go|java -jar a.jar --db-password=*** go",
        "java;-Durl=jdbc:x://me:pw@host/db|java -Durl=jdbc:x://***@host/db",
      })
  void whatIsSecretIsNotShown(String arguments, String shown) {
    assertEquals(shown, ShownCommand.shown(Arrays.asList(arguments.split(";", -1))));
  }
}
