package io.faultd.linux.ns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class GroupPathsTest {
  @Test
  void theGroupOfAContainerIsTheLastThatIsCalledAsRuntimesCallIt() {
    assertEquals(Optional.of("/webapps/web"), GroupPaths.container("/webapps/web", "web"));
    assertEquals(Optional.of("/web/web"), GroupPaths.container("/web/web/below", "web"));
    for (String name :
        new String[] {
          "cri-containerd-a1.scope", "crio-a1", "docker-a1.scope", "system.slice:containerd:a1"
        }) {
      assertEquals(
          Optional.of("/kubepods/" + name), GroupPaths.container("/kubepods/" + name, "a1"));
      assertEquals(
          Optional.of("/kubepods/" + name),
          GroupPaths.container("/kubepods/" + name + "/init.scope", "a1"));
    }
  }

  @Test
  void aGroupThatOnlyHasTheIdInItsNameIsNone() {
    for (String path :
        new String[] {"/", "/webapps/other", "/a/web-1", "/a/cobweb", "/web.slice"}) {
      assertEquals(Optional.empty(), GroupPaths.container(path, "web"), path);
    }
  }
}
