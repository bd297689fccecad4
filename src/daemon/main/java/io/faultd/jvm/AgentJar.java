package io.faultd.jvm;

import java.io.IOException;
import java.io.InputStream;

/** The code that runs inside of target JVMs, as it is packed into this program. */
final class AgentJar {
  private static final String RESOURCE = "/agent/faultd-agent.jar";

  private AgentJar() {}

  /**
   * All of it.
   *
   * @throws IOException if this program was packed without it
   */
  static byte[] bytes() throws IOException {
    try (InputStream in = AgentJar.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IOException("this program was packed without its agent (" + RESOURCE + ")");
      }
      return in.readAllBytes();
    }
  }
}
