package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.fault.Reason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServletThrowCustomExceptionTest extends LibraryFaultTest {
  ServletThrowCustomExceptionTest() {
    super("servlet");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tomcat-8.5", "jetty-9.4", "tomcat-11", "jetty-12.1"})
  void onlyRequestsThatFitFailUntilItIsDestroyed(String library) throws Exception {
    String[] flags = {
      "exception", "java.io.IOException", "exception-message", "no more tea", "method", "post"
    };
    try (LibraryJvm jvm = LibraryJvm.of(library)) {
      jvm.serve(library);
      Experiment fault = inject(jvm, "throwCustomException", flags);
      String answer = jvm.request("POST", "/a");
      assertTrue(answer.startsWith("500") && answer.contains("no more tea"), answer);
      assertEquals(200, jvm.status("GET", "/a"));
      hits(fault, 1);
      destroyed(fault);
      assertEquals(200, jvm.status("POST", "/a"));
      flags[1] = "com.example.Nothing";
      refused(jvm, Reason.ILLEGAL_PARAMETER, "exception", "tce", flags);
      flags[1] = "a b";
      refused(jvm, Reason.ILLEGAL_PARAMETER, "exception", "tce", flags);
      assertEquals(200, jvm.status("POST", "/a"));
    }
  }
}
