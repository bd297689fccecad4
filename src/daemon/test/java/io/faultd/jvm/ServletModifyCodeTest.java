package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.fault.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServletModifyCodeTest extends LibraryFaultTest {
  private static final String USER = "{\"key\": \"user\", \"value\": \"7\"}";
  private static final String OTHER = "{\"key\": \"user\", \"value\": \"{8\\u007d\"}";

  ServletModifyCodeTest() {
    super("servlet");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tomcat-8.5", "jetty-9.4", "tomcat-11", "jetty-12.1"})
  void requestsToWhichEachMatcherFitsAreAnsweredWithTheStatus(String library) throws Exception {
    String[][] all = {
      {"method", "get", "GET /a", "POST /a"},
      {"requestpath", "/A/b", "GET /a/b", "GET /a/bc"},
      {"requestpath-regex-pattern", "/a/[0-9]+", "GET /a/12", "GET /a/12x"},
      {"querystring", "b=2&a=1", "GET /q?a=1&c=3&b=2", "GET /q?a=1&c=3&b=23"},
      {"querystring-regex-pattern", "a=.*", "GET /q?a=7", "GET /q?ba=7"},
      {"b-params", "{\"params\": [" + USER + "]}", "GET /a#7", "GET /a#8"},
      {"b-params", params("or", USER, OTHER), "GET /a#{8}", "GET /a#9"},
      {"b-params", params("and", USER, OTHER), null, "GET /a#7"},
      {"b-params", params("not", USER, OTHER), "GET /a", "GET /a#7"},
    };
    try (LibraryJvm jvm = LibraryJvm.of(library)) {
      jvm.serve(library);
      for (String[] each : all) {
        Experiment fault = inject(jvm, "modifyCode", "code", "418", each[0], each[1]);
        assertEquals(each[2] == null ? 0 : 418, each[2] == null ? 0 : asked(jvm, each[2]), each[1]);
        assertEquals(200, asked(jvm, each[3]), each[1]);
        destroyed(fault);
        assertEquals(200, each[2] == null ? 200 : asked(jvm, each[2]), each[1]);
      }
    }
  }

  private static String params(String pattern, String... params) {
    return "{\"pattern\": \"%s\", \"params\": [%s]}".formatted(pattern, String.join(",", params));
  }

  private static int asked(LibraryJvm jvm, String request) {
    String[] words = request.split(" ", 2);
    return jvm.status(words[0], words[1]);
  }

  @Test
  void strikesExactlyTheShareAndAsOftenAsItShould() throws Exception {
    try (LibraryJvm jvm = LibraryJvm.of("jetty-12.1")) {
      jvm.serve("jetty-12.1");
      Experiment share = inject(jvm, "modifyCode", "code", "503", "effect-percent", "30");
      assertEquals(30, struck(jvm, 100));
      hits(share, 30);
      destroyed(share);
      Experiment thrice =
          inject(jvm, "modifyCode", "code", "503", "effect-count", "3", "effect-percent", "1");
      assertTrue(
          thrice.warnings().toString().contains("effect-percent: ignored"),
          thrice.warnings().toString());
      assertEquals(503, jvm.status("GET", "/a"), "the first ones");
      assertEquals(2, struck(jvm, 20));
      hits(thrice, 3);
      destroyed(thrice);
    }
  }

  private static int struck(LibraryJvm jvm, int requests) {
    int struck = 0;
    for (int i = 0; i < requests; i++) {
      struck += jvm.status("GET", "/a") == 503 ? 1 : 0;
    }
    return struck;
  }

  @Test
  void isRefusedForWhatIsNoStatus() throws Exception {
    try (LibraryJvm jvm = LibraryJvm.of("tomcat-11")) {
      refused(jvm, Reason.MISSING_PARAMETER, "code", "modifyCode");
      for (String code : new String[] {"99", "600", "ok"}) {
        refused(jvm, Reason.ILLEGAL_PARAMETER, "code", "mc", "code", code);
      }
      assertTrue(node.preparations.list(ALL).isEmpty(), "nothing came into the JVM");
    }
  }
}
