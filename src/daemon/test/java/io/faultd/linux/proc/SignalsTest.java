package io.faultd.linux.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalsTest {

  @ParameterizedTest
  @CsvSource({
    "9,9",
    "KILL,9",
    "SIGKILL,9",
    "sigterm,15",
    "Hup,1",
    "SYS,31",
    "RTMIN,34",
    "SIGRTMIN+3,37",
    "RTMAX,64",
    "RTMAX-1,63",
    "64,64",
    "IOT,6",
    "POLL,29"
  })
  void knowsNamesAndNumbers(String text, int number) {
    assertEquals(OptionalInt.of(number), Signals.number(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "65", "-1", "", "SIG", "KILLED", "RTMIN+31", "RTMAX-40", "9.0", "999999"})
  void refusesWhatIsNoSignal(String text) {
    assertTrue(Signals.number(text).isEmpty());
  }

  @Test
  void namesEachNumberSoThatItIsFoundAgain() {
    for (int number = 1; number <= Signals.MAX; number++) {
      if (number != 32 && number != 33) {
        assertEquals(OptionalInt.of(number), Signals.number(Signals.name(number)));
      }
    }
  }
}
