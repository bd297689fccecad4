package io.faultd.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Base;
import io.faultd.fault.Undo;
import io.faultd.fault.Wire;
import io.faultd.rollback.Company;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Fingerprint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a released version wrote is understood for ever, and written the same until it changes. */
class WireFormTest {

  static List<WireForm> golden() throws IOException {
    try (var file = WireFormTest.class.getResourceAsStream("/wire/steps-1.txt")) {
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .map(parts -> new WireForm(parts[0], Integer.parseInt(parts[1]), parts[2]))
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("golden")
  void isReadAndWrittenAsItWas(WireForm form) {
    Optional<WireForm> again =
        form.undo().map(WireForm::of).or(() -> form.base().map(WireForm::of));
    assertEquals(Optional.of(form), again);
  }

  @Test
  void appendedBytesAreTakenOutAsTheyWereToldThen(@TempDir Path folder) throws IOException {
    List<WireForm> forms =
        golden().stream().filter(form -> form.kind().equals("file.appended-bytes")).toList();
    assertEquals(2, forms.size());
    for (WireForm form : forms) {
      Undo.BytesAppended told = (Undo.BytesAppended) form.undo().orElseThrow();
      Path file = folder.resolve("f");
      Files.writeString(file, "mine" + "xyz".substring(0, (int) told.length()) + "theirs");
      String identity = RecordJson.write(Fingerprint.identity(file));
      String body =
          form.body()
              .replaceFirst("\"file\":\\{[^}]*}", Matcher.quoteReplacement("\"file\":" + identity));
      Undo step = new WireForm(form.kind(), form.version(), body).undo().orElseThrow();
      assertEquals(
          new Outcome.Undone(), new Rollback(folder).undo(step, Company.NONE, false), body);
      assertEquals("minetheirs", Files.readString(file));
    }
  }

  @Test
  void hasAGoldenLineForEachKind() throws IOException {
    Set<String> kinds =
        Stream.of(Undo.class, Base.class)
            .flatMap(type -> Arrays.stream(type.getPermittedSubclasses()))
            .map(type -> type.getAnnotation(Wire.class).kind())
            .collect(Collectors.toSet());
    assertEquals(kinds, golden().stream().map(WireForm::kind).collect(Collectors.toSet()));
  }

  @Test
  void isNotGuessedWhenANewerVersionWroteIt() throws IOException {
    WireForm known = golden().getFirst();
    assertTrue(new WireForm(known.kind(), 2, known.body()).undo().isEmpty());
    assertTrue(new WireForm("moon.moved", 1, "{}").undo().isEmpty());
    assertTrue(new WireForm(known.kind(), 1, "not JSON").undo().isEmpty());
  }

  @Test
  void passesOverKeysThatLaterVersionsAdd() {
    String body = "{\"process\":{\"pid\":7,\"startTicks\":1,\"bootId\":\"b\",\"x\":[1]},\"y\":{}}";
    assertTrue(new WireForm("process.stopped", 1, body).undo().isPresent());
  }
}
