package io.faultd.testing;

import io.faultd.linux.nft.Nftables;
import io.faultd.linux.tc.Lacks;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Skips the test where something is missing, saying what; runs it all the same under {@code
 * -Dfaultd.skip=never}.
 */
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Requires.Condition.class)
public @interface Requires {
  /** What is needed: root, nftables, nfqueue, htb, ext4, freezer, ns_last_pid or zsh. */
  String[] value();

  /** The condition. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return AnnotationSupport.findAnnotation(context.getElement(), Requires.class)
          .flatMap(each -> Stream.of(each.value()).flatMap(what -> lack(what).stream()).findFirst())
          .map(ConditionEvaluationResult::disabled)
          .orElseGet(() -> ConditionEvaluationResult.enabled("all is there, or must be"));
    }

    /**
     * What a test that needs this may not do without; empty if it is there, or none may be skipped.
     */
    public static Optional<String> lack(String what) {
      if ("never".equals(System.getProperty("faultd.skip"))) {
        return Optional.empty();
      }
      return switch (what) {
        case "root" ->
            "root".equals(System.getProperty("user.name"))
                ? Optional.empty()
                : Optional.of("needs root");
        case "nftables" -> Nftables.missing().map(why -> "needs nftables: " + why);
        case "nfqueue" -> Nftables.missingQueue().map(why -> "needs nfqueue: " + why);
        case "htb" -> Lacks.shaping().map(why -> "needs htb: " + why);
        case "ext4" ->
            Files.exists(Path.of("/dev/loop-control")) && Files.exists(Path.of("/sbin/mkfs.ext4"))
                ? Optional.empty()
                : Optional.of("needs loop devices and mkfs.ext4 (e2fsprogs)");
        case "freezer" ->
            Files.isDirectory(Path.of("/sys/fs/cgroup/freezer"))
                ? Optional.empty()
                : Optional.of("needs the freezer of control groups of version 1");
        case "ns_last_pid" ->
            Files.exists(Path.of("/proc/sys/kernel/ns_last_pid"))
                ? Optional.empty()
                : Optional.of("needs a kernel that lets the next pid be chosen: ns_last_pid");
        case "zsh" ->
            Files.exists(Path.of("/usr/bin/zsh")) ? Optional.empty() : Optional.of("needs zsh");
        default -> throw new IllegalArgumentException(what);
      };
    }
  }
}
