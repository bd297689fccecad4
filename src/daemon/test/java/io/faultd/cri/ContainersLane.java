package io.faultd.cri;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;
import static org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder.request;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.logging.LogManager;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Runs the tests of containers on another kernel: run by {@code src/e2e/vm/lane} in a virtual
 * machine. Prints each, and what is skipped for want of what; ends with 1 if one fails.
 */
public final class ContainersLane {
  private ContainersLane() {}

  /** All, but for {@link EachInstantTest}, which takes long; or these classes. */
  public static void main(String[] classes) {
    LogManager.getLogManager().reset();
    String here = ContainersLane.class.getPackageName();
    List<DiscoverySelector> chosen =
        classes.length == 0
            ? List.of(selectPackage(here))
            : Arrays.stream(classes)
                .map(each -> (DiscoverySelector) selectClass(here + "." + each))
                .toList();
    String left = classes.length == 0 ? ".*EachInstantTest" : "none";
    LauncherDiscoveryRequest request =
        request()
            .selectors(chosen)
            .filters(ClassNameFilter.excludeClassNamePatterns(left))
            .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
            .build();
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, summary, new Printed());
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    summary.getSummary().printFailuresTo(out, 20);
    summary.getSummary().printTo(out);
    boolean all =
        summary.getSummary().getTotalFailureCount() == 0
            && summary.getSummary().getTestsSucceededCount() > 0;
    System.exit(all ? 0 : 1);
  }

  /** A line for each test as it ends. */
  private static final class Printed implements TestExecutionListener {
    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      System.out.println("skipped  " + name(test) + ": " + reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest()) {
        System.out.println(
            switch (result.getStatus()) {
              case SUCCESSFUL -> "ok       " + name(test);
              case ABORTED ->
                  "skipped  %s: %s"
                      .formatted(
                          name(test), result.getThrowable().map(Throwable::getMessage).orElse(""));
              case FAILED ->
                  "FAILED   %s: %s"
                      .formatted(
                          name(test), result.getThrowable().map(Throwable::toString).orElse(""));
            });
      }
    }

    private static String name(TestIdentifier test) {
      String type =
          test.getSource()
              .filter(MethodSource.class::isInstance)
              .map(each -> ((MethodSource) each).getJavaClass().getSimpleName() + " ")
              .orElse("");
      return type + test.getLegacyReportingName();
    }
  }
}
