package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Fingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A folder of a test's own, and what all tests of file faults ask. */
abstract class FileTest {
  @TempDir Path temporary;
  Path folder;
  Matrix matrix;

  @BeforeEach
  void folder() throws IOException {
    folder = Files.createDirectories(temporary.resolve("work"));
    matrix = new Matrix(folder, temporary.resolve("scratch"));
  }

  /** Refused with this reason and field, and nothing announced or changed. */
  final void refused(FileTrial.Order order, Reason reason, String field) throws IOException {
    var before = Fingerprint.of(folder);
    FileTrial trial = matrix.trial("refused");
    FaultException e = assertThrows(FaultException.class, () -> order.inject(trial));
    assertEquals(reason, e.reason(), e.getMessage());
    assertEquals(field, e.field().orElse(""), e.getMessage());
    assertTrue(trial.steps().isEmpty());
    assertEquals(before, Fingerprint.of(folder));
  }
}
