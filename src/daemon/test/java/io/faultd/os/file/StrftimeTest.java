package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;

class StrftimeTest {
  private static final String ALL = "%a %A %b %B %C %d %D %e %F %g %G %h %H %I %j %k %l %m %M %N";
  private static final String REST = "%p %P %r %R %s %S %T %u %U %V %w %W %y %Y %z %Z %% %q x";

  /** The reference is date(1) itself, in the C locale. */
  @Test
  void saysWhatDateSays() throws IOException, InterruptedException {
    for (String format : new String[] {ALL, REST}) {
      for (long second : new long[] {0, 951782399, 1230768000, 1704067199, 1795483586}) {
        Process date =
            new ProcessBuilder("date", "-d", "@" + second, "+" + format.replace("%q ", ""))
                .redirectErrorStream(true)
                .start();
        String said = new String(date.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        date.waitFor();
        ZonedDateTime time = Instant.ofEpochSecond(second).atZone(ZoneId.systemDefault());
        assertEquals(said.stripTrailing(), Strftime.format(format.replace("%q ", ""), time));
      }
    }
    assertEquals("%q %", Strftime.format("%q %", ZonedDateTime.now()));
  }
}
