package io.faultd.preparation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is known of a preparation while the disk does not take it. */
@Requires("root")
class LateRecordsTest {
  @TempDir Path data;
  private JvmNode node;
  private TargetJvm target;

  @BeforeEach
  void start() throws Exception {
    node = new JvmNode(data);
    target = TargetJvm.of(17);
  }

  @AfterEach
  void stop() {
    node.close();
    target.close();
  }

  private List<String> uids(@Nullable PreparationStatus status) {
    return node.preparations.list(new PreparationQuery("jvm", status, 0, 10, false)).stream()
        .map(Preparation::uid)
        .toList();
  }

  @Test
  void oneThatEndedIsOverThoughThatIsNotOnDiskYet() throws Exception {
    PreparationOrder order =
        new PreparationOrder("mine", "jvm", null, target.pid(), null, null, false, false);
    node.preparations.create(order);
    try (Connection other =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("faultd.db"));
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE"); // nobody else can write
      assertEquals(PreparationStatus.REVOKED, node.preparations.revoke("mine").status());
      assertEquals(
          PreparationStatus.RUNNING,
          node.parts.store().find("mine").orElseThrow().preparation().status());
      assertEquals(PreparationStatus.REVOKED, node.preparations.get("mine").orElseThrow().status());
      assertEquals(List.of(), uids(PreparationStatus.RUNNING));
      assertEquals(List.of("mine"), uids(PreparationStatus.REVOKED));
      assertEquals(List.of("mine"), uids(null));
      FaultException taken =
          assertThrows(FaultException.class, () -> node.preparations.create(order));
      assertEquals(Reason.CONFLICT, taken.reason());
    }
    Eventually.eventually(
        "written",
        () ->
            node.parts.store().find("mine").orElseThrow().preparation().status()
                == PreparationStatus.REVOKED);
  }
}
