package io.faultd.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.linux.netlink.NetlinkException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FindingTest {
  private final Deque<IOException> failures = new ArrayDeque<>();
  private int tries;

  private final Finding<String> finding =
      new Finding<>(
          () -> {
            tries++;
            if (!failures.isEmpty()) {
              throw failures.pop();
            }
            return "it can";
          },
          e -> "it cannot: " + e.getMessage());

  private static NetlinkException refused(Errno why) {
    return new NetlinkException("make a rule", 0, why.number(), null, -1);
  }

  @ParameterizedTest
  @EnumSource(names = {"ENOMEM", "ENOBUFS", "EBUSY"})
  void aShortageThatNetlinkTellsIsAskedAgain(Errno why) {
    failures.add(refused(why));
    assertEquals("it cannot: make a rule: %s (%s)".formatted(why.text(), why), finding.get());
    assertEquals("it can", finding.get());
  }

  @ParameterizedTest
  @EnumSource(names = {"EMFILE", "ENFILE", "ENOMEM", "ENOBUFS"})
  void soIsOneThatACallTells(Errno why) {
    failures.add(new LinuxException("socket", why.number(), null));
    assertEquals("it cannot: socket: %s (%s)".formatted(why.text(), why), finding.get());
    assertEquals("it can", finding.get());
  }

  @Test
  void whatTheKernelHasNotIsAskedForOnce() {
    failures.addAll(List.of(refused(Errno.ENOENT), refused(Errno.ENOMEM)));
    String lack = "it cannot: make a rule: No such file or directory (ENOENT)";
    assertEquals(List.of(lack, lack), List.of(finding.get(), finding.get()));
    assertEquals(1, tries);
  }

  @Test
  void whatIsFoundIsKept() {
    assertEquals(List.of("it can", "it can"), List.of(finding.get(), finding.get()));
    assertEquals(1, tries);
  }
}
