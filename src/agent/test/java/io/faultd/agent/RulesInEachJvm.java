package io.faultd.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.agent.testing.TargetJvm;
import io.faultd.agent.testing.TargetJvm.Reply;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** JVMs of each kind that is here, with rules that end with each test. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RulesInEachJvm {
  static final String SUBJECT = "io.faultd.targets.Subject";

  private final Map<Path, TargetJvm> jvms = new HashMap<>();

  Stream<TargetJvm> jvms() throws Exception {
    List<TargetJvm> all = new ArrayList<>();
    for (Path home : TargetJvm.homes().toList()) {
      TargetJvm jvm = jvms.get(home);
      if (jvm == null) {
        jvm = TargetJvm.attached(home, "-Xverify:all");
        jvms.put(home, jvm);
      }
      all.add(jvm);
    }
    return all.stream();
  }

  @AfterEach
  void noRuleStays() throws IOException {
    for (TargetJvm jvm : jvms.values()) {
      for (Map<String, String> item : jvm.ask("list").items()) {
        jvm.ask("remove", "rule=" + item.get("rule"));
      }
    }
  }

  @AfterAll
  void end() {
    jvms.values().forEach(TargetJvm::close);
  }

  static Reply add(TargetJvm jvm, String action, String method, String... more) throws IOException {
    return place(jvm, "rule", action, SUBJECT, method, more);
  }

  static Reply place(
      TargetJvm jvm, String rule, String action, String type, String method, String... more)
      throws IOException {
    List<String> fields =
        new ArrayList<>(
            List.of(
                "rule=" + rule,
                "target=jvm",
                "action=" + action,
                "classname=" + type,
                "methodname=" + method));
    fields.addAll(List.of(more));
    return jvm.ask("add", fields.toArray(new String[0]));
  }

  static void assertArmed(Reply reply) {
    assertEquals("ok", reply.word(), reply.toString());
    assertEquals("armed", reply.get("state"), reply.toString());
  }

  static String last(TargetJvm jvm, String call) throws IOException {
    return jvm.run("call " + SUBJECT + " " + call).get("last");
  }

  /** The JVMs stay for all tests. */
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("jvms")
  @interface EachJvm {}
}
