package io.faultd.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.spec.CommonRules;
import io.faultd.spec.Specs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DispatcherTest {
  @TempDir Path folder;
  private Dispatcher dispatcher;

  @BeforeEach
  void load() throws IOException {
    Files.writeString(folder.resolve("nap.yaml"), Nap.YAML);
    dispatcher =
        new Dispatcher(
            Specs.load(folder), () -> Map.of("wings", "no wings here"), CommonRules.DEFAULT);
  }

  private FaultException refused(Reason reason, String scope, String target, String action) {
    FaultException e =
        assertThrows(
            FaultException.class, () -> dispatcher.dispatch(scope, target, action, Map.of()));
    assertEquals(reason, e.reason(), e.getMessage());
    return e;
  }

  @Test
  void findsTheFaultByNameAndAlias() {
    Dispatch first = dispatcher.dispatch("", "nap", "take", Map.of("at", "noon", "debug", ""));
    assertInstanceOf(Nap.class, first.fault());
    assertEquals(new Nap.Params(List.of("noon"), false), first.params());
    assertEquals("host", first.scope());
    assertEquals("exact", first.undo());
    assertEquals(new Target.Host(), first.target());
    assertEquals(Map.of("at", "noon", "debug", ""), first.flags());
    assertEquals(1, first.common().warnings().size());
    Dispatch second = dispatcher.dispatch("host", "doze", "t", Map.of("force", ""));
    assertSame(first.fault(), second.fault());
    assertEquals("none", second.undo());
    assertEquals("take", second.spec().action());
  }

  @Test
  void namesWhatIsNearest() {
    FaultException e = refused(Reason.UNKNOWN_ACTION, "", "nap", "tkae");
    assertEquals(44000, e.code());
    assertEquals("action", e.field().orElseThrow());
    assertTrue(e.toString().contains("did you mean take?"), e.getMessage());
    e = refused(Reason.UNKNOWN_ACTION, "", "nape", "take");
    assertEquals("target", e.field().orElseThrow());
    assertTrue(e.toString().contains("did you mean nap?"), e.getMessage());
    refused(Reason.MISSING_PARAMETER, "", "", "take");
    refused(Reason.MISSING_PARAMETER, "", "nap", "");
  }

  @Test
  void saysWhatThisNodeCannotDo() {
    assertTrue(refused(Reason.UNSUPPORTED, "", "nap", "fly").toString().contains("no wings here"));
    for (String scope : List.of("cri", "docker")) {
      FaultException e = refused(Reason.UNSUPPORTED, scope, "nap", "take");
      assertTrue(e.toString().contains("containers are not part of this version"));
    }
    assertEquals("scope", refused(Reason.ILLEGAL_PARAMETER, "pod", "nap", "take").field().get());
  }

  @Test
  void listsActionsWithTheCommonFlags() {
    List<ActionView> views =
        dispatcher.actions().stream().filter(v -> v.spec().target().equals("nap")).toList();
    assertEquals(List.of("fly", "take"), views.stream().map(v -> v.spec().action()).toList());
    assertEquals("no wings here", views.getFirst().missing());
    assertNull(views.getLast().missing());
    assertEquals(
        List.of("at", "force", "timeout", "async", "endpoint", "allow-protected"),
        views.getLast().flags().stream().map(f -> f.name()).toList());
  }

  @Test
  void filtersTakeAliases() {
    assertEquals("nap", dispatcher.canonicalTarget("doze"));
    assertEquals("nobody", dispatcher.canonicalTarget("nobody"));
    assertEquals("take", dispatcher.canonicalAction("doze", "t"));
    assertEquals("nothing", dispatcher.canonicalAction("nothing"));
  }
}
