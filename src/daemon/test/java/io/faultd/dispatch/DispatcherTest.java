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
import io.faultd.spec.ContainerFlags;
import io.faultd.spec.ContainerRules;
import io.faultd.spec.Specs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
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
  void findsTheFaultByNameAndAlias() throws IOException {
    Dispatch first = dispatcher.dispatch("", "nap", "take", Map.of("at", "noon", "debug", ""));
    assertInstanceOf(Nap.class, first.fault());
    assertEquals(new Nap.Params(List.of("noon"), false), first.params());
    assertEquals("host", first.scope());
    assertEquals("exact", first.undo());
    assertEquals(new Target.Host(), first.find());
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
      assertTrue(e.toString().contains("nap take does not work in containers"), e.getMessage());
    }
    assertEquals("scope", refused(Reason.ILLEGAL_PARAMETER, "pod", "nap", "take").field().get());
  }

  @Test
  void whatIsNotImplementedIsKnownListedAndRefused() {
    ActionView view =
        dispatcher.actions().stream().filter(each -> !each.implemented()).findFirst().orElseThrow();
    assertTrue(view.flags().size() > CommonRules.flags().size());
    assertEquals("not implemented in this version of faultd", view.missing());
    FaultException e =
        refused(Reason.UNSUPPORTED, view.scope(), view.spec().target(), view.spec().action());
    assertEquals(69002, e.code());
    assertTrue(e.toString().contains("not implemented"), e.getMessage());
  }

  @Test
  void listsActionsWithTheCommonFlags() {
    List<ActionView> views =
        dispatcher.actions().stream().filter(v -> v.spec().target().equals("nap")).toList();
    assertEquals(List.of("fly", "take"), views.stream().map(v -> v.spec().action()).toList());
    assertEquals("no wings here", views.getFirst().missing());
    assertTrue(views.stream().allMatch(ActionView::implemented));
    assertNull(views.getLast().missing());
    assertEquals(
        List.of("at", "force", "timeout", "async", "endpoint", "allow-protected"),
        views.getLast().flags().stream().map(f -> f.name()).toList());
  }

  @Test
  void looksForAContainerOnlyWhenTheTargetIsAskedFor() throws IOException {
    Files.writeString(
        folder.resolve("nap.yaml"), Nap.YAML.replace("scopes: [host]", "scopes: [host, cri]"));
    List<ContainerFlags> asked = new ArrayList<>();
    Containers containers =
        flags -> {
          asked.add(flags);
          return new Target.Host();
        };
    List<Record> found = new ArrayList<>();
    Executor executor =
        (place, params) -> {
          found.add(params);
          return place;
        };
    dispatcher =
        new Dispatcher(
            Specs.load(folder),
            Map::of,
            CommonRules.DEFAULT,
            new Finders(containers, Map.of("os", executor)));
    Map<String, String> flags =
        Map.of("container-id", "0a", "container-label-selector", "a=b,c", "at", "noon");
    Dispatch order = dispatcher.dispatch("docker", "nap", "take", flags);
    assertEquals("cri", order.scope());
    assertEquals(flags, order.flags());
    assertEquals(List.of(), asked);
    order.find();
    order.find();
    assertEquals(2, asked.size());
    assertEquals("0a", asked.getFirst().id());
    assertEquals(List.of("a=b", "c"), asked.getFirst().labels());
    assertEquals(new Nap.Params(List.of("noon"), false), found.getFirst());
    assertEquals(
        List.of("host", "cri"),
        dispatcher.actions().stream()
            .filter(v -> v.spec().action().equals("take"))
            .map(ActionView::scope)
            .toList());
    assertTrue(
        dispatcher.actions().stream()
            .filter(v -> v.scope().equals("cri"))
            .allMatch(v -> v.flags().containsAll(ContainerRules.flags())));
  }

  @Test
  void checksTheFlagsThatNameAContainer() throws IOException {
    Files.writeString(
        folder.resolve("nap.yaml"), Nap.YAML.replace("scopes: [host]", "scopes: [host, cri]"));
    dispatcher = new Dispatcher(Specs.load(folder), Map::of, CommonRules.DEFAULT);
    wrong(Reason.MISSING_PARAMETER, "cri", Map.of("pod-namespace", "x"), "container-id: one of");
    wrong(Reason.ILLEGAL_PARAMETER, "cri", Map.of("container-id", "a/b"), "container-id: must be");
    wrong(Reason.ILLEGAL_PARAMETER, "cri", Map.of("container-id", ""), "must not be empty");
    wrong(
        Reason.ILLEGAL_PARAMETER,
        "cri",
        Map.of("container-label-selector", "a,=b"),
        "container-label-selector: must be KEY=VALUE");
    wrong(
        Reason.ILLEGAL_PARAMETER,
        "cri",
        Map.of("container-id", "a", "container-runtime", "rkt"),
        "must be one of containerd, cri-o, docker, cri: rkt");
    wrong(
        Reason.ILLEGAL_PARAMETER,
        "cri",
        Map.of("container-id", "a", "cri-endpoint", "tcp://x"),
        "cri-endpoint: must be the absolute path");
    wrong(
        Reason.ILLEGAL_PARAMETER,
        "cri",
        Map.of("container-id", "a", "contaner-name", "x"),
        "did you mean container-name?");
    wrong(
        Reason.ILLEGAL_PARAMETER,
        "host",
        Map.of("container-id", "a"),
        "container-id: names a container, but the scope of this order is host");
    wrong(
        Reason.UNSUPPORTED,
        () -> dispatcher.dispatch("cri", "nap", "take", Map.of("pod-name", "a")).find(),
        "containers are not looked for here");
  }

  private void wrong(Reason reason, String scope, Map<String, String> flags, String message) {
    wrong(reason, () -> dispatcher.dispatch(scope, "nap", "take", flags), message);
  }

  private static void wrong(Reason reason, Executable order, String message) {
    FaultException e = assertThrows(FaultException.class, order);
    assertEquals(reason, e.reason(), e.getMessage());
    assertTrue(e.toString().contains(message), e.getMessage());
  }

  @Test
  void whatTheNodeHasBeenGivenMeanwhileIsSeenByListsAndOrders() throws IOException {
    Map<String, String> missing = new HashMap<>(Map.of("wings", "no wings here"));
    List<String> asked = new ArrayList<>();
    Probe probe =
        new Probe() {
          @Override
          public Map<String, String> missing() {
            asked.add("missing");
            return missing;
          }

          @Override
          public Map<String, String> anew() {
            asked.add("anew");
            return missing;
          }
        };
    dispatcher = new Dispatcher(Specs.load(folder), probe, CommonRules.DEFAULT);
    refused(Reason.UNSUPPORTED, "", "nap", "fly");
    assertEquals(List.of("missing", "anew"), asked);
    missing.clear();
    dispatcher.dispatch("", "nap", "fly", Map.of());
    dispatcher.dispatch("", "nap", "fly", Map.of());
    assertEquals(List.of("missing", "anew", "anew"), asked, "orders wait for no probe");
    missing.put("wings", "clipped");
    assertTrue(
        dispatcher.actions().stream()
            .anyMatch(view -> String.valueOf(view.missing()).equals("clipped")));
  }

  @Test
  void filtersTakeAliases() {
    assertEquals("nap", dispatcher.canonicalTarget("doze"));
    assertEquals("nobody", dispatcher.canonicalTarget("nobody"));
    assertEquals("take", dispatcher.canonicalAction("doze", "t"));
    assertEquals(Set.of("nothing"), dispatcher.canonicalActions("nothing"));
    assertEquals(Set.of("take"), dispatcher.canonicalActions("t"));
    Dispatcher own = new Dispatcher(Specs.load(null), Map::of, CommonRules.DEFAULT);
    assertEquals(
        Set.of("fullload", "load"),
        own.canonicalActions("load"),
        "of processors and of memory, however much of it this version can do");
  }
}
