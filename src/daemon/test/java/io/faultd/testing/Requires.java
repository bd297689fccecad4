package io.faultd.testing;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips the test without root, saying so; runs it all the same under {@code -Dfaultd.skip=never}.
 */
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Requires.Condition.class)
public @interface Requires {
  /** What is needed: root. */
  String value();

  /** The condition. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      boolean root = "root".equals(System.getProperty("user.name"));
      return root || "never".equals(System.getProperty("faultd.skip"))
          ? ConditionEvaluationResult.enabled("root, or skips are failures")
          : ConditionEvaluationResult.disabled("needs root");
    }
  }
}
