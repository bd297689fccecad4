package io.faultd.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinderTest {
  private static final Specs.Entry ENTRY =
      Specs.of(Map.of("sample.yaml", Sample.YAML), Map.of()).entries().getFirst();

  private static Sample.Params bind(String... flags) {
    return (Sample.Params) ENTRY.binder().bind(map(flags));
  }

  private static Map<String, String> map(String... flags) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < flags.length; i += 2) {
      map.put(flags[i], flags[i + 1]);
    }
    map.putIfAbsent("process", "nginx");
    return map;
  }

  private static FaultException refused(Reason reason, String field, String... flags) {
    FaultException e = assertThrows(FaultException.class, () -> bind(flags));
    assertEquals(reason, e.reason(), e.getMessage());
    assertEquals(reason.code(), e.code());
    assertEquals(field, e.field().orElseThrow(), e.getMessage());
    return e;
  }

  @Test
  void givesDefaultsAndNothingForWhatIsAbsent() {
    Sample.Params params = bind();
    assertEquals("nginx", params.process());
    assertNull(params.localPort());
    assertEquals(0, params.count());
    assertEquals(Duration.ofSeconds(1), params.time());
    assertEquals(9, params.signal());
    assertEquals(List.of(), params.excludeProcess());
    assertEquals("ram", params.rest().kind());
  }

  @Test
  void readsEveryType() {
    Sample.Params params =
        bind(
            "local-port",
            "80",
            "gone",
            "",
            "count",
            "3",
            "percent",
            "50%",
            "time",
            "1m30s",
            "filepath",
            "/a b/\u00e4",
            "mark",
            "0640",
            "signal",
            "sigterm",
            "exclude-process",
            "a,b c",
            "cpu-list",
            "0-2,7,1",
            "kind",
            "cache");
    assertEquals(80, params.localPort());
    assertTrue(params.gone());
    assertEquals(3, params.count());
    assertEquals(50.0, params.percent());
    assertEquals(Duration.ofSeconds(90), params.time());
    assertEquals("/a b/\u00e4", params.filepath());
    assertEquals(0640, params.mark());
    assertEquals(15, params.signal());
    assertEquals(List.of("a", "b c"), params.excludeProcess());
    assertEquals(List.of(0, 1, 2, 7), params.rest().cpuList());
    assertEquals("cache", params.rest().kind());
  }

  @Test
  void bareNumbersHaveTheUnitOfTheFlagAndOthersTheirOwn() {
    assertEquals(Duration.ofMillis(3000), bind("time", "3000").time());
    assertEquals(Duration.ofMillis(500), bind("time", "500ms").time());
    assertEquals(Duration.ofNanos(1_500_000), bind("time", "1.5").time());
    assertEquals(100_000_000L, bind("size", "100").size());
    assertEquals(2L << 30, bind("size", "2GiB").size());
    assertEquals(1L << 29, bind("size", "0.5Gi").size());
    assertEquals(90_000L, bind("large", "1m30s").large());
    assertEquals(7L, bind("large", "7ms").large());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "local-port|0",
        "local-port|65536",
        "local-port|'80 '",
        "local-port|http",
        "local-port|''",
        "gone|yes",
        "count|-1",
        "count|1.5",
        "count|99999999999",
        "count|1e3",
        "count|0x10",
        "large|1us",
        "large|99999999999999999999",
        "percent|100.1",
        "percent|NaN",
        "percent|5 %",
        "time|0",
        "time|-1s",
        "time|1m 30s",
        "time|1m30",
        "time|200000h1000000d",
        "size|2 GiB",
        "size|9999999TiB",
        "size|0.3B",
        "filepath|a/b",
        "filepath|''",
        "mark|9",
        "mark|0888",
        "mark|77777",
        "signal|0",
        "signal|65",
        "signal|SIGNAL",
        "signal|RTMIN-1",
        "exclude-process|a,,b",
        "cpu-list|3-1",
        "cpu-list|1,",
        "cpu-list|1024",
        "cpu-list|0-2000000000",
        "cpu-list|99999999999",
        "kind|swap",
        "process|''",
        "process|forbidden",
        "process|a\0b"
      })
  void refusesWhatCannotBe(String flag, String value) {
    refused(
        Reason.ILLEGAL_PARAMETER,
        flag,
        flag,
        value,
        "filepath",
        flag.equals("filepath") ? value : "/a");
  }

  @Test
  void namesTheNearestFlag() {
    FaultException e = refused(Reason.ILLEGAL_PARAMETER, "exclude_proces", "exclude_proces", "x");
    assertTrue(e.toString().contains("did you mean exclude-process?"), e.getMessage());
    e = refused(Reason.ILLEGAL_PARAMETER, "timeou", "timeou", "1");
    assertTrue(e.toString().contains("did you mean timeout?"), e.getMessage());
  }

  @Test
  void refusesHalfAPairOfSurrogates() {
    refused(Reason.ILLEGAL_PARAMETER, "process", "process", "a\ud800b");
    assertEquals("a\ud83d\ude00", bind("process", "a\ud83d\ude00").process());
  }

  @Test
  void wantsWhatBelongsTogetherAndRefusesWhatDoesNot() {
    refused(Reason.MISSING_PARAMETER, "filepath", "mark", "644");
    refused(Reason.ILLEGAL_PARAMETER, "size", "size", "1", "percent", "1");
    FaultException e =
        assertThrows(FaultException.class, () -> ENTRY.binder().bind(Map.of("count", "1")));
    assertEquals(Reason.MISSING_PARAMETER, e.reason());
    assertEquals(45000, e.code());
    assertEquals("process", e.field().orElseThrow());
    ENTRY.binder().bind(Map.of("local-port", "1"));
  }

  @Test
  void aFlagMayTakeTheWayBackAway() {
    assertEquals("exact", ENTRY.binder().undo(map()));
    assertEquals("exact", ENTRY.binder().undo(map("gone", "false")));
    assertEquals("none", ENTRY.binder().undo(map("gone", "")));
  }

  @Test
  void commonFlagsAreReadApart() {
    Map<String, String> flags =
        map("timeout", "1m", "async", "", "allow-protected", "sshd,1", "debug", "true");
    ENTRY.binder().bind(flags);
    CommonFlags common = CommonRules.DEFAULT.read(ENTRY.spec(), flags);
    assertEquals(Duration.ofMinutes(1), common.timeout());
    assertTrue(common.async());
    assertEquals(List.of("sshd", "1"), common.allowProtected());
    assertEquals(List.of("flag debug has no meaning here and was ignored"), common.warnings());
    assertNull(CommonRules.DEFAULT.read(ENTRY.spec(), map("timeout", "0")).timeout());
  }

  @Test
  void timeoutsMayBeLimitedAndMandatory() {
    CommonRules rules = new CommonRules(Duration.ofMinutes(5), true, List.of());
    rules.read(ENTRY.spec(), map("timeout", "300"));
    for (String timeout : List.of("301", "-1", "x", "")) {
      FaultException e =
          assertThrows(
              FaultException.class, () -> rules.read(ENTRY.spec(), map("timeout", timeout)));
      assertEquals(Reason.ILLEGAL_PARAMETER, e.reason());
      assertEquals("timeout", e.field().orElseThrow());
    }
    FaultException e = assertThrows(FaultException.class, () -> rules.read(ENTRY.spec(), map()));
    assertEquals(Reason.MISSING_PARAMETER, e.reason());
  }

  @ParameterizedTest
  @CsvSource({
    "http://good.example/hooks, true",
    "http://good.example/hooks/1?x=y, true",
    "http://good.example/hooksX, false",
    "http://good.example.evil.example/hooks, false",
    "http://good.example@evil.example/hooks, false",
    "https://good.example/hooks, false",
    "http://good.example/hooks/../admin, false",
    "http://good.example/hooks/%2e%2e/admin, false",
    "http://good.example/hooks/..%2Fadmin, false",
    "http://good.example/hooks/1#x, false",
    "file:///hooks, false",
    "not an address, false"
  })
  void callbacksGoOnlyToServersThatAreAllowed(String address, boolean allowed) {
    CommonRules rules = new CommonRules(null, false, List.of("http://good.example/hooks"));
    Map<String, String> flags = map("endpoint", address);
    assertEquals(allowed, rules.allows(address));
    if (allowed) {
      rules.read(ENTRY.spec(), flags);
    } else {
      FaultException e = assertThrows(FaultException.class, () -> rules.read(ENTRY.spec(), flags));
      assertEquals("endpoint", e.field().orElseThrow());
      assertEquals(Reason.ILLEGAL_PARAMETER, e.reason());
    }
    FaultException none =
        assertThrows(FaultException.class, () -> CommonRules.DEFAULT.read(ENTRY.spec(), flags));
    assertTrue(String.valueOf(none.getMessage()).contains("callbacks.allow is empty"));
  }
}
