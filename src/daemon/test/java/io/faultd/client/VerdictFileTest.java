package io.faultd.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.spec.Outline;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

/** What other programs read of a trial. */
class VerdictFileTest {
  private static final JsonObject SETTLED = record("settled");
  private static final JsonObject RAMPING = record("ramping");

  @TempDir Path folder;

  @Test
  void aSignalBeforeTheEffectIsAnErrorOfTheFaultAndOfTheCommand() throws Exception {
    Verdict verdict = verdict("true");
    verdict.injected(RAMPING);
    verdict.interrupted("TERM");
    verdict.takenBack();
    assertEquals(List.of("error", "error", ""), kinds(verdict));
  }

  @Test
  void aSignalBeforeAnyAnswerWhoseFaultIsLeftIsAnErrorThroughout() throws Exception {
    Verdict verdict = verdict("true");
    verdict.interrupted("HUP");
    verdict.failed(Outcome.UNREACHABLE, "no answer");
    assertEquals(List.of("error", "error", "error"), kinds(verdict));
  }

  @Test
  void aSignalBetweenEffectAndCommandIsAnErrorOfTheCommand() throws Exception {
    Verdict verdict = verdict("true");
    verdict.injected(SETTLED);
    verdict.interrupted("INT");
    verdict.takenBack();
    assertEquals(List.of("", "error", ""), kinds(verdict));
  }

  @Test
  void whatEndedByItselfWasNotInPlaceAndWhatIsLeftWas() throws Exception {
    Verdict ended = ran();
    ended.seen(Json.createObjectBuilder().add("status", "Error").build());
    ended.failed(Outcome.NO_EFFECT, "the fault ended");
    ended.takenBack();
    assertEquals(List.of("error", "", ""), kinds(ended));
    Verdict left = ran();
    left.failed(Outcome.RESIDUE, "left");
    assertEquals(List.of("", "", "error"), kinds(left));
    Verdict unknown = ran();
    unknown.failed(Outcome.UNREACHABLE, "whether it was there is not known");
    unknown.takenBack();
    assertEquals(List.of("error", "", ""), kinds(unknown));
    Verdict refused = verdict("true");
    refused.failed(Outcome.REFUSED, "no");
    refused.notMade();
    assertEquals(List.of("error", "skipped", "skipped"), kinds(refused));
  }

  @Test
  void whatNoFileOfItsKindCanHaveIsLeftOut() throws Exception {
    Verdict verdict = verdict("a\u001b[m<&>\"\u009b\ud800\uffff\n\u202eb\ud83d\ude00");
    verdict.injected(SETTLED);
    verdict.takenBack();
    Path file = folder.resolve("v");
    VerdictFile.write(verdict, file, true);
    Element command = (Element) suite(file).getElementsByTagName("testcase").item(1);
    assertEquals("a [m<&>\"   b\ud83d\ude00", command.getAttribute("name"));
    VerdictFile.write(verdict, file, false);
    JsonObject document = Json.createReader(new StringReader(Files.readString(file))).readObject();
    assertTrue(document.getJsonArray("command").getString(0).endsWith("b\ud83d\ude00"));
  }

  private List<String> kinds(Verdict verdict) throws Exception {
    Path file = folder.resolve("v.xml");
    VerdictFile.write(verdict, file, true);
    Element suite = suite(file);
    var cases = suite.getElementsByTagName("testcase");
    assertEquals(3, cases.getLength());
    List<String> kinds = List.of(kind(cases.item(0)), kind(cases.item(1)), kind(cases.item(2)));
    long errors = kinds.stream().filter("error"::equals).count();
    assertEquals(Long.toString(errors), suite.getAttribute("errors"));
    return kinds;
  }

  private static String kind(org.w3c.dom.Node testCase) {
    var failure = (Element) testCase.getFirstChild();
    if (failure == null) {
      return "";
    }
    assertFalse(failure.getAttribute("message").isEmpty(), "it says why");
    return failure.getTagName();
  }

  private static Element suite(Path file) throws Exception {
    return (Element)
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(file.toFile())
            .getElementsByTagName("testsuite")
            .item(0);
  }

  private static Verdict ran() {
    Verdict verdict = verdict("true");
    verdict.injected(SETTLED);
    verdict.started();
    verdict.ended(0);
    return verdict;
  }

  private static Verdict verdict(String command) {
    Outline outline = Outline.load();
    Outline.Action action = outline.actions(outline.target("cpu").orElseThrow()).getFirst();
    return new Verdict(new Order("x", action, JsonObject.EMPTY_JSON_OBJECT), List.of(command));
  }

  private static JsonObject record(String state) {
    return Json.createObjectBuilder()
        .add("status", "Success")
        .add("effect", Json.createObjectBuilder().add("state", state))
        .build();
  }
}
