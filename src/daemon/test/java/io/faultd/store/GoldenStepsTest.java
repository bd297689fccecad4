package io.faultd.store;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import io.faultd.fault.Base;
import io.faultd.fault.Undo;
import io.faultd.linux.Fd;
import io.faultd.linux.cgroup.Freezer;
import io.faultd.linux.file.Identities;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Root;
import io.faultd.linux.ns.Network;
import io.faultd.linux.ns.NetworkIdentity;
import io.faultd.linux.tc.BandTree;
import io.faultd.linux.tc.Tree;
import io.faultd.rollback.Company;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Lab;
import io.faultd.testing.Requires;
import io.faultd.testing.Traffic;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a released version announced is taken back by this one: in the state that it tells of. */
@Requires("root")
class GoldenStepsTest {
  private static final Pattern FILE =
      Pattern.compile("\\{\"device\"[^}]*\"path\":\"([^\"]*)\"(?:,\"volume\":\\{[^}]*})?}");
  private static final Pattern PROCESS = Pattern.compile("\\{\"pid\"[^}]*}");
  private static final String HIDDEN = "d/.faultd-00000000-u-1";
  private static final FileTime MODIFIED =
      FileTime.from(1_795_489_983_102_463_916L, TimeUnit.NANOSECONDS);

  @TempDir private Path root;
  @TempDir private Path scratch;

  static List<WireForm> steps() throws IOException {
    return WireFormTest.golden().stream().filter(form -> form.undo().isPresent()).toList();
  }

  @ParameterizedTest
  @MethodSource("steps")
  void isTakenBack(WireForm golden) throws Exception {
    Files.createDirectory(root.resolve("d"));
    switch (golden.kind()) {
      case "process.stopped" -> process(golden);
      case "file.mode" -> {
        Path file = file("f", "text");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        undo(golden);
        assertEquals(
            "rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      }
      case "file.renamed" -> {
        file(HIDDEN, "text");
        undo(golden);
        assertEquals("text", Files.readString(root.resolve("d/f")));
        assertFalse(Files.exists(root.resolve(HIDDEN)));
      }
      case "file.made" -> {
        Path file = file("d/f", "12345");
        undo(golden);
        assertFalse(Files.exists(file));
      }
      case "file.hidden" -> {
        Path file = file(HIDDEN, "text");
        undo(golden);
        assertFalse(Files.exists(file));
      }
      case "folder.made" -> {
        Path folder = Files.createDirectory(root.resolve("d/n"));
        undo(golden);
        assertFalse(Files.exists(folder));
      }
      case "file.appended-bytes" -> {
        Path file = file("f", golden.body().contains("rounds") ? "1234xyz" : "1234x");
        undo(golden);
        assertEquals("1234", Files.readString(file));
        assertEquals(MODIFIED, Files.getLastModifiedTime(file));
      }
      case "network.band" -> {
        undo(golden); // of another boot: its namespace is gone, and all with it
        band(golden);
      }
      case "cgroup.frozen" -> {
        undo(golden);
        group(golden);
      }
      default -> fail(golden.kind() + ": say here what its golden line tells of");
    }
  }

  private Path file(String name, String text) throws IOException {
    Path file = Files.writeString(root.resolve(name), text);
    return Files.setLastModifiedTime(file, MODIFIED);
  }

  private void process(WireForm golden) throws Exception {
    try (Victim victim = Victim.sleeping("1000").stop()) {
      String identity = RecordJson.write(victim.identity());
      String body = PROCESS.matcher(golden.body()).replaceFirst(identity);
      undo(new WireForm(golden.kind(), golden.version(), body));
      eventually("it runs", victim::runs);
    }
  }

  /** On an interface that had, before, what the golden lines of its base tell of. */
  private void band(WireForm golden) throws Exception {
    for (WireForm form : WireFormTest.golden()) {
      if (form.kind().equals("network.queueing")) {
        band(
            (Undo.PacketBand) golden.undo().orElseThrow(),
            (Base.Queueing) form.base().orElseThrow());
      }
    }
  }

  private void band(Undo.PacketBand told, Base.Queueing base) throws Exception {
    String name = told.name();
    try (Lab lab =
            Lab.fresh()
                .each(
                    "ip link add " + name + " type veth peer name other",
                    "ip link set " + name + " up");
        Network network = Network.open(lab.path())) {
      int index = Integer.parseInt(lab.run("ip", "-o", "link", "show", name).split(":", 2)[0]);
      Tree.decoded(base.things())
          .restore(network, index, Tree.of(network, index), base.backwards());
      String before = Traffic.listing(lab, name);
      BandTree.apply(network, index, List.of(told.band()));
      NetworkIdentity here = network.identity();
      Undo step = new Undo.PacketBand(here, index, name, told.band());
      undo(
          step,
          new Base.Queueing(
              here, index, name, base.things(), base.backwards(), base.queueLength()));
      assertEquals(before, Traffic.listing(lab, name));
    }
  }

  private void group(WireForm golden) throws Exception {
    Path trees = Path.of("/sys/fs/cgroup");
    boolean unified = !Files.isDirectory(trees.resolve("freezer"));
    Path folder =
        (unified ? trees : trees.resolve("freezer"))
            .resolve("golden-" + ProcessHandle.current().pid());
    Undo.GroupFrozen told = (Undo.GroupFrozen) golden.undo().orElseThrow();
    Files.createDirectory(folder);
    try (Victim victim = Victim.sleeping("1000")) {
      Files.writeString(folder.resolve("cgroup.procs"), Integer.toString(victim.pid()));
      Freezer freezer = new Freezer(folder, unified);
      freezer.tell(true);
      eventually("it is frozen", freezer::frozen);
      String key = freezer.key().orElseThrow();
      undo(
          new Undo.GroupFrozen(folder.toString(), unified, key, victim.identity(), told.name()),
          null);
      eventually("it goes on", () -> !freezer.frozen());
    } finally {
      eventually("it is empty", () -> Files.readString(folder.resolve("cgroup.procs")).isEmpty());
      Files.delete(folder);
    }
  }

  private void undo(WireForm golden) throws IOException {
    Undo step = here(golden).undo().orElseThrow();
    Base base = null;
    for (WireForm form : WireFormTest.golden()) {
      if (step instanceof Undo.BytesAppended && form.kind().equals("file.appended")) {
        base = here(form).base().orElseThrow();
      }
    }
    undo(step, base);
  }

  private void undo(Undo step, @Nullable Base base) throws IOException {
    Rollback rollback = new Rollback(scratch);
    for (int i = 0; i < 2; i++) {
      assertEquals(
          new Outcome.Undone(),
          rollback.undo(step, new Company(Optional.ofNullable(base), List.of()), false),
          "" + i);
    }
  }

  /** The same step, of files that are here: those have other numbers than the ones of its line. */
  private WireForm here(WireForm golden) {
    String body =
        FILE.matcher(golden.body())
            .replaceAll(match -> java.util.regex.Matcher.quoteReplacement(real(match.group(1))));
    return new WireForm(golden.kind(), golden.version(), body);
  }

  private String real(String name) {
    String path = root + name;
    String there = Files.exists(Path.of(path)) ? path : root.resolve(HIDDEN).toString();
    try (Fd handle = Open.path(there)) {
      return RecordJson.write(Identities.of(Root.OWN, handle, path));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
