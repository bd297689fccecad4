package io.faultd.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Fd;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountTest {
  @Test
  void readsOctalEscapesOptionalFieldsAndOptions() {
    assertEquals(
        List.of(
            new Mount(36, 35, "98:0", "/mnt 1", "/mnt\n2\\", true, true, "ext3", "/dev/ro ot", ""),
            new Mount(37, 35, "0:5", "/", "/ü", false, false, "tmpfs", "tmpfs", "")),
        Mount.parse(
            """
            36 35 98:0 /mnt\\0401 /mnt\\0122\\134 rw,noatime master:1 shared:7 - ext3 /dev/ro\\040ot ro,errors=continue
            37 35 0:5 / /Ã¼ rw - tmpfs tmpfs rw,size=1
            """));
  }

  @Test
  void findsTheMountOfWhatIsOpen() throws IOException {
    try (Fd proc = Open.folder("/proc")) {
      assertEquals("proc", Mount.of(proc, Mount.all()).orElseThrow().type());
      assertTrue(Stat.of(proc, "/proc").isMountPoint());
    }
  }
}
